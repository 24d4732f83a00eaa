import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { Database } from '#database';
import { DomainError } from '#domain';
import { currentOrigin } from '#request';
import { Passwords } from '#secrets';
import { type User, Users, canonicalEmail } from '../workspace/index.js';
import { Lockout } from './lockout.service.js';
import { PasswordRepository } from './storage/password.repository.js';

interface Claim {
  readonly email: string;
  readonly password: string;
  readonly productId: number;
}

/** Somebody who has proved to be this user, and by which stored hash. */
export interface Proof {
  readonly user: User;
  readonly hash: string;
}

/** The one place where somebody proves to be a person: login, register, select_org and a change of password all come here. */
@Injectable()
export class PasswordCheck {
  constructor(
    private readonly database: Database,
    private readonly users: Users,
    private readonly stored: PasswordRepository,
    private readonly passwords: Passwords,
    private readonly lockout: Lockout,
    private readonly audit: Audit,
  ) {}

  /**
   * Who owns this email and password. Unknown, wrong and disabled are one answer, in one time.
   * @throws unauthorized, rate_limit_exceeded, overloaded
   */
  async prove({ email, password, productId }: Claim): Promise<Proof> {
    const mayWait = (): void => this.passwords.assertRoom();
    mayWait();
    const ip = currentOrigin().ip ?? 'unknown';
    const account = canonicalEmail(email) ?? email;
    const user = await this.users.byEmail(email);
    const reservation = await this.lockout.reserve({ account, userId: user?.id ?? null, ip }, mayWait);
    const { hash, matched } = await this.evaluate(user, password).catch(async (error: unknown) => {
      await this.lockout.giveBack(reservation);
      throw error;
    });
    if (user !== null && hash !== null && matched && user.isEnabled) {
      await this.lockout.succeeded(reservation, user.id, ip);
      return { user, hash };
    }
    this.lockout.failed(reservation);
    await this.recordFailure(user, matched, productId);
    throw new DomainError('unauthorized');
  }

  /**
   * In the transaction that builds on a proof, which a new password must not overtake: whether it is still the password,
   * and stays so until the commit.
   */
  async stillHolds({ user, hash }: Proof): Promise<boolean> {
    const owner = await this.users.held(user.id);
    return owner?.isEnabled === true && (await this.stored.hashOf(user.id)) === hash;
  }

  private async evaluate(user: User | null, password: string): Promise<{ hash: string | null; matched: boolean }> {
    const hash = user === null ? null : await this.stored.hashOf(user.id);
    return { hash, matched: await this.passwords.matches(password, hash) };
  }

  private async recordFailure(user: User | null, matched: boolean, productId: number): Promise<void> {
    await this.database.transaction(() =>
      this.audit.record({
        chain: { identityOf: productId },
        actor: { type: 'user', id: user?.id ?? null },
        action: 'login.failed',
        target: { type: 'user', id: user?.id ?? null },
        metadata: { reason: user === null ? 'unknown_email' : matched ? 'disabled' : 'wrong_password' },
      }),
    );
  }
}
