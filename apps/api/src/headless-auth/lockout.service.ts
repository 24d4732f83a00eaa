import { Injectable } from '@nestjs/common';
import { countedNetwork, homeNetwork } from '#access';
import { Clock } from '#clock';
import { DomainError } from '#domain';
import { Secrets } from '#secrets';
import { type Allowance, LOCKOUT, secondsLeft } from './domain/lockout.js';
import { AttemptRepository } from './storage/attempt.repository.js';
import { KnownNetworkRepository } from './storage/known-network.repository.js';

/** A try that was let in: taken back where it turns out not to be a failure. */
export interface Reservation {
  readonly counted: readonly string[];
  readonly pair: string;
}

/**
 * Bounds the guessing of passwords, whatever the path. A try is counted before it is evaluated, so that of two hundred at
 * once no more are evaluated than of two hundred in a row; the account's name is counted whether or not it exists.
 */
@Injectable()
export class Lockout {
  constructor(
    private readonly attempts: AttemptRepository,
    private readonly networks: KnownNetworkRepository,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
  ) {}

  /** @throws rate_limit_exceeded */
  async reserve(account: string, userId: number | null, ip: string): Promise<Reservation> {
    const { pair, address, account: whole } = this.keys(account, ip);
    // In this order: who is locked out of an account from one address must not lock it for everybody else.
    await this.count(pair, LOCKOUT.accountAndAddress);
    await this.count(address, LOCKOUT.address);
    const known = userId !== null && (await this.networks.knows(userId, homeNetwork(ip)));
    if (!known) await this.count(whole, LOCKOUT.account);
    return { counted: known ? [pair, address] : [pair, address, whole], pair };
  }

  async takeBack({ counted }: Reservation): Promise<void> {
    await this.attempts.uncount(counted);
  }

  /** The right password from here: earlier failures of this account from this address are forgiven. */
  async succeeded(reservation: Reservation, userId: number, ip: string): Promise<void> {
    await this.takeBack(reservation);
    await this.attempts.forget(reservation.pair);
    await this.remember(userId, ip);
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

  private async count(key: string, allowance: Allowance): Promise<void> {
    const now = this.clock.now();
    const { count, startedAt } = await this.attempts.count(key, allowance, now);
    if (count > allowance.most) throw new DomainError('rate_limit_exceeded', { retryAfter: secondsLeft(startedAt, allowance, now) });
  }
}
