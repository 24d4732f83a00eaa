import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { Database } from '#database';
import { DomainError, invalid, type Locale, type Principal } from '#domain';
import { Passwords, passwordFaults } from '#secrets';
import { Products } from '../products/index.js';
import { type User, Users } from '../workspace/index.js';
import { NewPasswords } from './new-password.service.js';
import { PasswordCheck, type Proof } from './password-check.service.js';

export interface ProfileChange {
  readonly name?: string;
  readonly locale?: Locale;
  readonly password?: { readonly current: string; readonly next: string };
}

/** What people change of themselves. */
@Injectable()
export class Profiles {
  constructor(
    private readonly database: Database,
    private readonly users: Users,
    private readonly products: Products,
    private readonly check: PasswordCheck,
    private readonly newPasswords: NewPasswords,
    private readonly passwords: Passwords,
    private readonly audit: Audit,
  ) {}

  /** @throws validation_error, rate_limit_exceeded, overloaded */
  async change(principal: Principal, { name, locale, password }: ProfileChange): Promise<User> {
    const next = password === undefined ? null : await this.proveAndHash(principal, password);
    const product = await this.products.byId(principal.product.id);
    return this.database.transaction(async () => {
      const user = await this.users.change(principal.userId, (person, now) => person.update({ ...(name && { name }), ...(locale && { locale }) }, now));
      if (user === null) throw new DomainError('not_found');
      const changed = [name === undefined ? null : 'name', locale === undefined ? null : 'locale'].filter((field) => field !== null);
      if (changed.length > 0) await this.record('user.updated', principal, { changed });
      if (next !== null) {
        if (!(await this.check.stillHolds(next.proof))) throw wrongPassword();
        const ended = await this.newPasswords.set(user, next.hash, product, principal.credentialId);
        await this.record('password.changed', principal, { sessions_ended: ended });
      }
      return user;
    });
  }

  private async proveAndHash({ email, product }: Principal, { current, next }: { current: string; next: string }): Promise<{ proof: Proof; hash: string }> {
    const faults = passwordFaults('password', next, email);
    if (faults.length > 0) throw invalid(...faults);
    try {
      const proof = await this.check.prove({ email, password: current, productId: product.id });
      return { proof, hash: await this.passwords.hash(next) };
    } catch (error) {
      if (error instanceof DomainError && error.code === 'unauthorized') throw wrongPassword();
      throw error;
    }
  }

  private async record(action: 'user.updated' | 'password.changed', principal: Principal, metadata: Readonly<Record<string, unknown>>): Promise<void> {
    const reference = { type: 'user', id: principal.userId } as const;
    await this.audit.record({ chain: { organizationId: principal.organization.id }, actor: reference, action, target: reference, metadata });
  }
}

function wrongPassword(): DomainError {
  return invalid({ field: 'current_password', code: 'wrong' });
}
