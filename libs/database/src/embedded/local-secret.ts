import { createHash, randomBytes } from 'node:crypto';

/** 192 random bits in URL-safe letters. Ours alone: the supervisor runs before, and without, the libs that make secrets. */
export const localSecret = (): string => randomBytes(24).toString('base64url');

/** A folder name that stands for a path of any length. */
export const nameOfPath = (path: string): string => createHash('sha256').update(path).digest('hex').slice(0, 16);
