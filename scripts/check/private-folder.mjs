import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFiles } from './project-files.mjs';

// Each with a class of one letter in it, so that this file does not match itself.
const PRIVATE = [/\.\.\/[s]hared(?![\w-])/, /\/work\/[s]hared\b/, /\bkiket-[a]uthentication\.txt/, /\b[c]ontract\.md/, /\b[t]hreats\.md/, /\b[c]able\.md/];

/** The sessions' private notes are not the project's: a reader of the project could not open them. */
export async function privateFolder(root) {
  return projectFiles(root).flatMap((path) => {
    const named = PRIVATE.some((pattern) => pattern.test(path)) ? [`${path}: the name itself`] : [];
    return [...named, ...mentions(readFileSync(join(root, path), 'latin1')).map((line) => `${path}:${line} mentions the private folder`)];
  });
}

/** The numbers of the lines that mention it. */
export function mentions(text) {
  return text.split('\n').flatMap((line, index) => (PRIVATE.some((pattern) => pattern.test(line)) ? [index + 1] : []));
}
