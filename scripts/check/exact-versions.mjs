import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FIELDS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies', 'overrides'];
const EXACT = /^\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?$/;

/** The same commit is the same program, on every machine and in every year. */
export async function exactVersions(root) {
  return ranges(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).map((range) => `package.json: ${range} is a range`);
}

/** Every `name@version` of a manifest that leaves a choice. */
export function ranges(manifest) {
  return FIELDS.flatMap((field) => leaves(manifest[field] ?? {})).filter(([, version]) => !EXACT.test(version)).map(([name, version]) => `${name}@${version}`);
}

const leaves = (entries) => Object.entries(entries).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : leaves(value)));
