import { join, relative } from 'node:path';
import { ESLint } from 'eslint';

const CONFIG = join(import.meta.dirname, '../../eslint.config.js');

/** ESLint with the project's one configuration, its globs counted from `root`: a bad example's tree is judged as the project is. */
export const linter = (root) => new ESLint({ cwd: root, overrideConfigFile: CONFIG });

/** What ESLint finds in a tree, by file and line. */
export async function lint(root) {
  const results = await linter(root).lintFiles(['.']);
  return results.flatMap(({ filePath, messages }) =>
    messages.map(({ line, ruleId, message }) => ({ file: relative(root, filePath), line, rule: ruleId ?? 'parser', message })),
  );
}

export async function lintProject(root) {
  return (await lint(root)).map(({ file, line, rule, message }) => `${file}:${line} ${message} [${rule}]`);
}
