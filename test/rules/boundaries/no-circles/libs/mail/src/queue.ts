import type { letter } from './letter.js'; // refused: no-circles

export type Queue = typeof letter;
