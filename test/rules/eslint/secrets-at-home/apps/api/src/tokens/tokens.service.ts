import { randomUUID } from 'node:crypto'; // refused: kiket/secrets-at-home
import { createHash } from 'crypto'; // refused: kiket/secrets-at-home
import bcrypt from 'bcrypt'; // refused: kiket/secrets-at-home
import { JwtService } from '@nestjs/jwt'; // refused: kiket/secrets-at-home
import type { KeyObject } from 'node:crypto'; // refused: kiket/secrets-at-home

export { timingSafeEqual } from 'node:crypto'; // refused: kiket/secrets-at-home
export * from 'node:crypto'; // refused: kiket/secrets-at-home

export const used = [randomUUID, createHash, bcrypt, JwtService] as unknown as KeyObject[];
export const later = (): Promise<unknown> => import('node:crypto'); // refused: kiket/secrets-at-home
export const direct = crypto.randomUUID(); // refused: kiket/secrets-at-home
export const farther = globalThis.crypto.randomUUID(); // refused: kiket/secrets-at-home

export function own(crypto: { seal(text: string): string }): string {
  return crypto.seal('a local of that name is something else');
}
