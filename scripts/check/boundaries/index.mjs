import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cruise } from './cruise.mjs';
import { forbidden } from './rules.mjs';

/** Every import that breaks a rule; and the graph itself is doubted, since a rule that sees no edges refuses nothing. */
export async function boundaries(root) {
  const edges = await cruise(root);
  const broken = edges.flatMap(({ from, specifier, broken }) =>
    broken.map((name) => `${from} imports ${specifier}: ${reason(name)} [${name}]`),
  );
  return [...broken, ...unseen(root, edges)];
}

/** Each `from '#name'` that the text shows and the graph does not lead to that lib's index.ts. */
export function unseen(root, edges, least = 40) {
  const seen = new Set(edges.filter(({ specifier, to }) => to === libIndex(specifier)).map(({ from, specifier }) => `${from} ${specifier}`));
  const written = [...new Set(edges.map(({ from }) => from))]
    .filter((file) => /\.tsx?$/.test(file) && !file.includes('node_modules'))
    .flatMap((file) => aliasesIn(readFileSync(join(root, file), 'utf8')).map((alias) => `${file} ${alias}`));
  const missed = written.filter((edge) => !seen.has(edge)).map((edge) => `${edge}: the graph does not see this import`);
  return seen.size < least ? [...missed, `only ${seen.size} imports of libs are seen: the rules are blind`] : missed;
}

const libIndex = (specifier) => `libs/${specifier.slice(1)}/src/index.ts`;

const aliasesIn = (text) => [...new Set([...text.matchAll(/^(?:import|export)\b[^;]*?'(#[a-z]+)';/gm)].map((match) => match[1]))];

const reason = (name) => forbidden.find((rule) => rule.name === name)?.comment;
