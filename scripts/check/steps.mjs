import { badExamples } from './bad-examples.mjs';
import { boundaries } from './boundaries/index.mjs';
import { catalogs } from './catalogs.mjs';
import { exactVersions } from './exact-versions.mjs';
import { lintProject } from './lint.mjs';
import { openapi } from './openapi.mjs';
import { privateFolder } from './private-folder.mjs';
import { tellingNames } from './telling-names.mjs';
import { tool } from './tool.mjs';

/** What `npm run check` looks at: each answers its findings, a line each; none means that all is well. */
export const steps = {
  types: (root) => tool(root, 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.json', '--noEmit'),
  eslint: lintProject,
  boundaries,
  names: tellingNames,
  unused: (root) => tool(root, 'node_modules/knip/bin/knip.js', '--no-progress', '--no-config-hints'),
  catalogs,
  openapi,
  'private folder': privateFolder,
  versions: exactVersions,
  'bad examples': badExamples,
};
