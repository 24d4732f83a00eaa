import { Injectable } from '@nestjs/common';
import { countedNetwork, homeNetwork } from '#access';
import { Clock } from '#clock';
import { DomainError } from '#domain';
import { Secrets } from '#secrets';
import { LOCKOUT, secondsLeft } from './domain/lockout.js';
import { AttemptRepository } from './storage/attempt.repository.js';
import { KnownNetworkRepository } from './storage/known-network.repository.js';
import { TriesUnderWay } from './tries-under-way.js';

/** A try that was let in: given back where it turns out not to be a failure. */
export interface Reservation {
  readonly taken: readonly string[];
  readonly pair: string;
}

interface Try {
  /** The canonical email. */
  readonly account: string;
  /** Null: there is no such account. */
  readonly userId: number | null;
  readonly ip: string;
}

/**
 * Bounds the guessing of passwords, whatever the path. A try is counted before it is evaluated, so that of two hundred at
 * once no more are evaluated than of two hundred in a row; the account's name is counted whether or not it exists.
 */
@Injectable()
export class Lockout {
  private readonly underWay = new TriesUnderWay();

  constructor(
    private readonly attempts: AttemptRepository,
    private readonly networks: KnownNetworkRepository,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
  ) {}

  /**
   * Takes a try, or waits while it depends on others that are being evaluated whether one is left.
   * @param mayWait throws where there is no room to wait
   * @throws rate_limit_exceeded
   */
  async reserve(attempt: Try, mayWait: () => void): Promise<Reservation> {
    const { pair } = this.keys(attempt.account, attempt.ip);
    for (;;) {
      const result = await this.tryToReserve(attempt);
      if ('taken' in result) return result;
      const settled = this.underWay.next(pair);
      if (settled === null) throw result;
      mayWait();
      await settled;
    }
  }

  failed({ pair }: Reservation): void {
    this.underWay.end(pair, { leftRoom: false });
  }

  /** It was not evaluated. */
  async giveBack({ taken, pair }: Reservation): Promise<void> {
    try {
      await this.attempts.giveBack(taken);
    } finally {
      this.underWay.end(pair, { leftRoom: true });
    }
  }

  /** The right password from here: earlier failures of this account from this address are forgiven. */
  async succeeded({ taken, pair }: Reservation, userId: number, ip: string): Promise<void> {
    try {
      await this.attempts.giveBack(taken);
      await this.attempts.forget(pair);
      await this.remember(userId, ip);
    } finally {
      this.underWay.end(pair, { leftRoom: true });
    }
  }

  /** Who proved the mailbox may try from here again, whatever an attacker did meanwhile. */
  async forgive(account: string, userId: number, ip: string): Promise<void> {
    await this.attempts.forget(this.keys(account, ip).pair);
    await this.remember(userId, ip);
  }

  /** From here somebody was this user: while the account as a whole is locked, they may still try. */
  async remember(userId: number, ip: string): Promise<void> {
    await this.networks.remember(userId, homeNetwork(ip), this.clock.now());
  }

  private keys(account: string, ip: string) {
    const name = this.secrets.digest(account).toString('hex').slice(0, 32);
    const address = countedNetwork(ip);
    return { pair: `login:${name}@${address}`, address: `login@${address}`, account: `login:${name}` };
  }

  private async tryToReserve({ account, userId, ip }: Try): Promise<Reservation | DomainError> {
    const { pair, address, account: whole } = this.keys(account, ip);
    const isKnown = userId !== null && (await this.networks.knows(userId, homeNetwork(ip)));
    // In this order: who is locked out of an account from one address must not lock it for everybody else.
    const windows = [
      { key: pair, allowance: LOCKOUT.accountAndAddress },
      { key: address, allowance: LOCKOUT.address },
      ...(isKnown ? [] : [{ key: whole, allowance: LOCKOUT.account }]),
    ];
    const taken: string[] = [];
    for (const { key, allowance } of windows) {
      const now = this.clock.now();
      const attempt = await this.attempts.take(key, allowance, now);
      if (!attempt.taken) {
        await this.attempts.giveBack(taken);
        return new DomainError('rate_limit_exceeded', { retryAfter: secondsLeft(attempt.startedAt, allowance, now) });
      }
      taken.push(key);
    }
    this.underWay.begin(pair);
    return { taken, pair };
  }
}
