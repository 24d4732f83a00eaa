import { createHmac } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import bcrypt from 'bcrypt';
import { Config } from '#config';
import { HashQueue } from './hash-queue.js';
import { isWellFormedText } from './well-formed-text.js';

/** Injection token: bcrypt's cost. No setting changes it; the test world lowers it. */
export const PASSWORD_COST = Symbol('PASSWORD_COST');
export const DEFAULT_PASSWORD_COST = 12;

/** What follows the cost in a bcrypt hash that belongs to nobody: 16 bytes of salt, 23 of digest. */
const NOBODY = 'KiketAuthNobodysSalt..' + 'KiketAuthNobodysPasswordDigest.';

/**
 * Passwords at rest: bcrypt(base64(HMAC-SHA-384(pepper, NFC(password)))). The pre-hash is exactly 64 characters, so
 * that bcrypt, which reads 72 bytes and stops at NUL, cuts nothing; and keyed, so that a stolen table alone is useless.
 */
@Injectable()
export class Passwords {
  private readonly nobodysHash: string;

  constructor(
    private readonly config: Config,
    private readonly queue: HashQueue,
    @Inject(PASSWORD_COST) private readonly cost: number,
  ) {
    this.nobodysHash = `$2b$${String(cost).padStart(2, '0')}$${NOBODY}`;
  }

  /** @throws DomainError overloaded */
  async hash(password: string): Promise<string> {
    const prehash = this.prehash(password);
    return this.queue.run(() => bcrypt.hash(prehash, this.cost));
  }

  /**
   * Null, where there is no account, is never matched and takes the same time as a wrong password.
   * @throws DomainError overloaded
   */
  async matches(password: string, storedHash: string | null): Promise<boolean> {
    const prehash = this.prehash(password);
    // UTF-8 writes every lone surrogate as U+FFFD: such texts are no password, or many would be the same one.
    const comparable = storedHash !== null && isWellFormedText(password);
    const equal = await this.queue.run(() => bcrypt.compare(prehash, comparable ? storedHash : this.nobodysHash));
    return comparable && equal;
  }

  /** Refuses before any other work is done. @throws DomainError overloaded */
  assertRoom(): void {
    this.queue.assertRoom();
  }

  private prehash(password: string): string {
    return createHmac('sha384', this.config.passwordPepper).update(password.normalize('NFC')).digest('base64');
  }
}
