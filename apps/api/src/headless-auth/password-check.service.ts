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
  async prove({ email, password, productId }: Claim): Promise<User> {
    this.passwords.assertRoom();
    const ip = currentOrigin().ip ?? 'unknown';
    const account = canonicalEmail(email) ?? email;
    const user = await this.users.byEmail(email);
    const reservation = await this.lockout.reserve(account, user?.id ?? null, ip);
    const hash = user === null ? null : await this.stored.hashOf(user.id);
    const matched = await this.passwords.matches(password, hash).catch(async (error: unknown) => {
      await this.lockout.takeBack(reservation);
      throw error;
    });
    if (user !== null && matched && user.isEnabled) {
      await this.lockout.succeeded(reservation, user.id, ip);
      return user;
    }
    await this.recordFailure(user, matched, productId);
    throw new DomainError('unauthorized');
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
