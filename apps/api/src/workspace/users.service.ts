import { Injectable } from '@nestjs/common';
import { Clock } from '#clock';
import type { Locale } from '#domain';
import { canonicalEmail } from './domain/email.js';
import { User } from './domain/user.js';
import { UserRepository } from './storage/user.repository.js';

/** People: found by what they typed, changed under their row's lock. */
@Injectable()
export class Users {
  constructor(
    private readonly users: UserRepository,
    private readonly clock: Clock,
  ) {}

  async byId(id: number): Promise<User | null> {
    return this.users.byId(id);
  }

  async byEmail(email: string): Promise<User | null> {
    const canonical = canonicalEmail(email);
    return canonical === null ? null : this.users.byCanonicalEmail(canonical);
  }

  /** Null where the address has an account already. */
  async register(facts: { email: string; canonicalEmail: string; name: string; locale: Locale }, emailProven: boolean): Promise<User | null> {
    const user = User.register({ ...facts, emailProven }, this.clock.now());
    return (await this.users.addIfNew(user)) ? user : null;
  }

  /** A machine's stand-in, by the name that its installation or application has. In the transaction under way. */
  async addService(facts: { email: string; name: string; locale: Locale }): Promise<User> {
    const user = User.service(facts, this.clock.now());
    await this.users.add(user);
    return user;
  }

  /** The user as they are now, and unchanged by anybody else until the transaction under way ends. */
  async held(id: number): Promise<User | null> {
    return this.users.hold(id);
  }

  /** Changes the user under its row's lock, in the transaction under way; null where there is none. */
  async change(id: number, change: (user: User, now: Date) => void): Promise<User | null> {
    const user = await this.users.lock(id);
    if (user === null) return null;
    change(user, this.clock.now());
    await this.users.save(user);
    return user;
  }
}
