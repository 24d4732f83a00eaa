import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cruise } from './boundaries/cruise.mjs';
import { unseen } from './boundaries/index.mjs';
import { forbidden } from './boundaries/rules.mjs';
import { catalogs } from './catalogs.mjs';
import { ranges } from './exact-versions.mjs';
import { lint, linter } from './lint.mjs';
import { mentions } from './private-folder.mjs';
import { emptyNames } from './telling-names.mjs';

const EXAMPLES = 'test/rules';

/**
 * A rule that catches nothing looks like a tree without faults. So each rule has examples under test/rules, judged by
 * the configuration that judges the project: what an example marks as refused must be caught, and nothing else.
 */
export async function badExamples(root) {
  const at = (...path) => join(root, EXAMPLES, ...path);
  return [
    ...(await eslintExamples(root, at('eslint'))),
    ...(await boundaryExamples(root, at('boundaries'))),
    ...(await catalogExamples(at('catalogs'))),
    ...nameExamples(at('names/paths.txt')),
    ...mentionExamples(at('private-folder/mentions.txt')),
    ...versionExamples(at('versions')),
  ];
}

async function eslintExamples(root, examples) {
  const caught = await inEach(examples, async (tree) => {
    const found = (await lint(tree)).map(({ file, line, rule }) => `${file}:${line} ${rule}`);
    return { expected: marks(tree), found };
  });
  const rules = new Set();
  for (const file of ['apps/api/src/tokens/domain/token.ts', 'apps/api/src/tokens/tokens.service.ts', 'libs/domain/src/page.ts', 'scripts/build.mjs']) {
    const { rules: configured } = await linter(root).calculateConfigForFile(join(root, file));
    for (const [name, [severity]] of Object.entries(configured)) if (severity === 2) rules.add(name);
  }
  return [...caught.findings, ...withoutExample('eslint', rules, caught.expected)];
}

async function boundaryExamples(root, examples) {
  const caught = await inEach(examples, async (tree) => {
    const edges = await cruise(tree);
    const found = edges.flatMap(({ from, specifier, broken }) => broken.map((name) => `${from}:${lineOf(tree, from, specifier)} ${name}`));
    return { expected: marks(tree), found };
  });
  const blind = unseen(root, await cruise(root, { aliases: {} }));
  return [
    ...caught.findings,
    ...withoutExample('boundaries', new Set(forbidden.map((rule) => rule.name)), caught.expected),
    ...(blind.length === 0 ? ['boundaries: a graph without the aliases was taken for a whole one'] : []),
  ];
}

const catalogExamples = async (examples) =>
  (
    await inEach(examples, async (tree) => ({
      expected: JSON.parse(readFileSync(join(tree, 'refused.json'), 'utf8')),
      found: await catalogs(tree),
    }))
  ).findings;

function nameExamples(file) {
  const lines = lineList(file);
  const paths = lines.map((line) => line.replace(/ # refused$/, ''));
  return difference('names', paths.filter((path, index) => lines[index] !== path), emptyNames(paths));
}

/** The example is written with bars in it, so that it is not itself what it shows. */
function mentionExamples(file) {
  const text = readFileSync(file, 'utf8').replaceAll('|', '');
  const marked = text.split('\n').flatMap((line, index) => (line.endsWith('# refused') ? [index + 1] : []));
  return difference('private folder', marked, mentions(text));
}

function versionExamples(folder) {
  const read = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  return difference('versions', read('refused.json'), ranges(read('manifest.json')));
}

/** Judges each example tree of a folder; answers what was expected in all, and where expectation and judgement part. */
async function inEach(folder, judge) {
  const all = { expected: [], findings: [] };
  for (const name of readdirSync(folder)) {
    const { expected, found } = await judge(join(folder, name));
    all.expected.push(...expected);
    all.findings.push(...difference(join(folder, name), expected, found));
    if (expected.length === 0) all.findings.push(`${join(folder, name)}: no bad example`);
  }
  return all;
}

function difference(where, expected, found) {
  const missed = expected.filter((each) => !found.includes(each)).map((each) => `${where}: not caught: ${each}`);
  return [...missed, ...found.filter((each) => !expected.includes(each)).map((each) => `${where}: caught, though good: ${each}`)];
}

function withoutExample(kind, rules, expected) {
  const shown = new Set(expected.map((mark) => mark.split(' ')[1]));
  return [...rules].filter((rule) => !shown.has(rule)).map((rule) => `${kind}: ${rule} has no bad example in ${EXAMPLES}/${kind}`);
}

/** `// refused: rule, rule` at the end of a line, as "file:line rule". */
function marks(tree) {
  const files = readdirSync(tree, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    return readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line, index) => {
        const rules = line.match(/\/\/ refused: (.+)$/)?.[1].split(', ') ?? [];
        return rules.map((rule) => `${path.slice(tree.length + 1)}:${index + 1} ${rule}`);
      });
  });
}

function lineOf(tree, file, specifier) {
  const path = join(tree, file);
  if (!existsSync(path)) return 0;
  const quoted = [`'${specifier}'`, `'node:${specifier}'`];
  return readFileSync(path, 'utf8').split('\n').findIndex((line) => quoted.some((text) => line.includes(text))) + 1;
}

const lineList = (file) => readFileSync(file, 'utf8').split('\n').filter((line) => line !== '');
