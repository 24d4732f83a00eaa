import { setImmediate } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { countedNetwork, homeNetwork } from '#access';
import { Clock } from '#clock';
import { DomainError } from '#domain';
import { Secrets } from '#secrets';
import { type Allowance, LOCKOUT, secondsLeft } from './domain/lockout.js';
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

interface Window {
  readonly key: string;
  readonly allowance: Allowance;
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
   * Takes a try of each window that it counts in; waits while others that are being evaluated decide whether one is left.
   * @param mayWait throws where there is no room to wait
   * @throws rate_limit_exceeded
   */
  async reserve(attempt: Try, mayWait: () => void): Promise<Reservation> {
    const { pair, wider } = await this.windows(attempt);
    await this.enter(pair, mayWait);
    const reservation = { pair: pair.key, taken: [pair.key] };
    try {
      for (const window of wider) {
        await this.take(window);
        reservation.taken.push(window.key);
      }
      return reservation;
    } catch (refusal) {
      await this.giveBack(reservation);
      throw refusal;
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

  /** Who is locked out of an account from one address must not lock it for everybody else: so that window is asked first. */
  private async windows({ account, userId, ip }: Try): Promise<{ pair: Window; wider: Window[] }> {
    const { pair, address, account: whole } = this.keys(account, ip);
    const isKnown = userId !== null && (await this.networks.knows(userId, homeNetwork(ip)));
    return {
      pair: { key: pair, allowance: LOCKOUT.accountAndAddress },
      wider: [{ key: address, allowance: LOCKOUT.address }, ...(isKnown ? [] : [{ key: whole, allowance: LOCKOUT.account }])],
    };
  }

  private async enter(pair: Window, mayWait: () => void): Promise<void> {
    for (;;) {
      try {
        await this.take(pair);
        return this.underWay.begin(pair.key);
      } catch (refusal) {
        if (!(refusal instanceof DomainError)) throw refusal;
        // The database's answers to those that were let in may be waiting behind this one.
        await setImmediate();
        const settled = this.underWay.next(pair.key);
        if (settled === null) throw refusal;
        mayWait();
        await settled;
        mayWait();
      }
    }
  }

  /** @throws rate_limit_exceeded */
  private async take({ key, allowance }: Window): Promise<void> {
    const now = this.clock.now();
    const { taken, startedAt } = await this.attempts.take(key, allowance, now);
    if (!taken) throw new DomainError('rate_limit_exceeded', { retryAfter: secondsLeft(startedAt, allowance, now) });
  }
}
