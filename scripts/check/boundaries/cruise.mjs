import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cruise as dependencyCruiser } from 'dependency-cruiser';
import { forbidden } from './rules.mjs';

const ROOTS = ['apps/api', 'libs', 'test', 'bench', 'ormconfig.ts'];

/** The import graph of a tree, each edge with the names of the rules that it breaks. */
export async function cruise(root, { aliases = libAliases(root) } = {}) {
  const { output } = await dependencyCruiser(
    ROOTS.filter((path) => existsSync(join(root, path))),
    {
      baseDir: root,
      validate: true,
      ruleSet: { forbidden },
      // Without it, what is imported only as a type would be no edge.
      tsPreCompilationDeps: true,
      exclude: { path: '^(test/rules|dist)/' },
      doNotFollow: { path: 'node_modules' },
    },
    // `#name` leads to the sources: package.json leads it to dist/, where no rule looks.
    { alias: aliases },
  );
  return output.modules.flatMap(({ source, dependencies }) =>
    dependencies.map(({ module, resolved, rules = [] }) => ({
      from: source,
      specifier: module,
      to: resolved,
      broken: [...new Set(rules.map((rule) => rule.name))],
    })),
  );
}

/** `#name` → libs/name/src/index.ts, for each lib of the tree. */
function libAliases(root) {
  const libs = existsSync(join(root, 'libs')) ? readdirSync(join(root, 'libs')) : [];
  return Object.fromEntries(libs.map((lib) => [`#${lib}`, join(root, 'libs', lib, 'src/index.ts')]));
}
