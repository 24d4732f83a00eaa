import { Injectable } from '@nestjs/common';
import { Entitlements } from '#access';
import { Audit } from '#audit';
import { Clock } from '#clock';
import { Database } from '#database';
import { DomainError, invalid, type Locale, type ProductRef } from '#domain';
import { Passwords, passwordFaults } from '#secrets';
import { type Affiliation, Members, Organizations, type User, Users, canonicalEmail } from '../workspace/index.js';
import { PasswordCheck } from './password-check.service.js';
import { type SignedIn, SignIn } from './sign-in.service.js';
import { PasswordRepository } from './storage/password.repository.js';

export interface Registration {
  readonly email: string;
  readonly password: string;
  readonly name: string;
  readonly organizationName: string;
  /** The reader's explicit wish; else the product's language. */
  readonly locale: Locale | undefined;
}

/** A new customer of a product: a person, new or known, and a new organization of theirs. */
@Injectable()
export class Registrations {
  constructor(
    private readonly database: Database,
    private readonly users: Users,
    private readonly organizations: Organizations,
    private readonly members: Members,
    private readonly entitlements: Entitlements,
    private readonly check: PasswordCheck,
    private readonly passwords: Passwords,
    private readonly stored: PasswordRepository,
    private readonly signIn: SignIn,
    private readonly clock: Clock,
    private readonly audit: Audit,
  ) {}

  /** @throws validation_error, unauthorized where a known email comes with another password, rate_limit_exceeded, overloaded */
  async register(registration: Registration, product: ProductRef): Promise<SignedIn> {
    const { email, password } = registration;
    // Asked first and of everybody: the answer must not depend on whether the address is known.
    const faults = passwordFaults('password', password, email);
    if (faults.length > 0) throw invalid(...faults);
    const newcomer = (await this.users.byEmail(email)) === null ? await this.admit(registration, product) : null;
    if (newcomer !== null) return newcomer;
    const proof = await this.check.prove({ email, password, productId: product.id });
    return this.database.transaction(async () => {
      // Two clicks of one person come one after the other.
      await this.users.change(proof.user.id, () => undefined);
      if (!(await this.check.stillHolds(proof))) throw new DomainError('unauthorized');
      return this.found(proof.user, registration, product);
    });
  }

  /** Null where somebody else took the address while the password was hashed. */
  private async admit(registration: Registration, product: ProductRef): Promise<SignedIn | null> {
    const { email, password, name } = registration;
    const canonical = canonicalEmail(email);
    if (canonical === null) throw invalid({ field: 'email', code: 'invalid' });
    const hash = await this.passwords.hash(password);
    return this.database.transaction(async () => {
      const locale = registration.locale ?? product.defaultLocale;
      const user = await this.users.register({ email, canonicalEmail: canonical, name, locale }, false);
      if (user === null) return null;
      await this.stored.put(user.id, hash, this.clock.now());
      return this.found(user, registration, product);
    });
  }

  private async found(user: User, { organizationName: name }: Registration, product: ProductRef): Promise<SignedIn> {
    const affiliation = (await this.justFounded(user, name, product)) ?? (await this.foundAnew(user, name, product));
    return this.signIn.open(user, affiliation, product);
  }

  private async justFounded(user: User, name: string, product: ProductRef): Promise<Affiliation | undefined> {
    const organization = await this.organizations.justFounded(user.id, product.id, name);
    if (organization === null) return undefined;
    return (await this.members.affiliations(user.id, product.id)).find(({ organizationId }) => organizationId === organization.id);
  }

  private async foundAnew(user: User, name: string, product: ProductRef): Promise<Affiliation> {
    const organization = await this.organizations.found({ productId: product.id, name, founderId: user.id });
    const membership = await this.members.join(organization.id, user.id, 'admin');
    await this.entitlements.start(organization.id, product.id);
    await this.audit.record({
      chain: { organizationId: organization.id },
      actor: { type: 'user', id: user.id },
      action: 'user.registered',
      target: { type: 'user', id: user.id },
    });
    return { membershipId: membership.id, organizationId: organization.id, name: organization.name, slug: organization.slug, role: 'admin' };
  }
}
