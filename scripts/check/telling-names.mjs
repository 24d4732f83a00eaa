import { projectFiles } from './project-files.mjs';

const EMPTY_WORDS = /^(utils?|helpers?|common|misc|managers?)$/i;

/** A name that fits everything says nothing, and everything moves in. */
export async function tellingNames(root) {
  return emptyNames(projectFiles(root)).map((path) => `${path}: utils, helpers, common, misc and managers are no names`);
}

/** The paths in which a file or folder ends in such a word: `utils/`, `date-utils.ts`, `token.helper.ts`, `SessionManager.ts`. */
export function emptyNames(paths) {
  return paths.filter((path) => path.split('/').some((name) => name.split('.').some((part) => EMPTY_WORDS.test(lastWord(part)))));
}

const lastWord = (name) => name.split(/[-_\s]|(?<=[a-z])(?=[A-Z])/).at(-1);
