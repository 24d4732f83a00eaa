import { Foundation1764000000000 } from './0001-foundation.js';

/** In the order in which they are applied; what has landed is never edited. */
export const MIGRATIONS = [Foundation1764000000000];
