import { Injectable } from '@nestjs/common';
import { Entitlements } from '#access';
import { Audit } from '#audit';
import { Clock } from '#clock';
import { Config } from '#config';
import { Database } from '#database';
import { DomainError, invalid, type Locale, type Principal, type Role } from '#domain';
import { Mailer } from '#mail';
import { Passwords, passwordFaults, Secrets } from '#secrets';
import { type Product, Products } from '../../products/index.js';
import { Members, type Membership, Organizations, type User, Users } from '../../workspace/index.js';
import { NewPasswords } from '../new-password.service.js';
import { type SignedIn, SignIn } from '../sign-in.service.js';
import { PasswordRepository } from '../storage/password.repository.js';

const SCHEME = 'kin_';
const LIFETIME_DAYS = 7;

export interface Invitee {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
}

export interface Acceptance {
  readonly token: string;
  readonly password: string | undefined;
  readonly locale: Locale | undefined;
}

/** How somebody becomes a member: a link in a mail, good once and for a week. */
@Injectable()
export class Invitations {
  constructor(
    private readonly database: Database,
    private readonly members: Members,
    private readonly users: Users,
    private readonly organizations: Organizations,
    private readonly products: Products,
    private readonly entitlements: Entitlements,
    private readonly newPasswords: NewPasswords,
    private readonly stored: PasswordRepository,
    private readonly passwords: Passwords,
    private readonly signIn: SignIn,
    private readonly mailer: Mailer,
    private readonly secrets: Secrets,
    private readonly config: Config,
    private readonly clock: Clock,
    private readonly audit: Audit,
  ) {}

  /** Known address or not, the inviter sees the same. @throws insufficient_scope, validation_error, conflict for an active member, limit_reached */
  async invite(inviter: Principal, invitee: Invitee): Promise<Membership> {
    inviter.mustCoverRole(invitee.role);
    const product = await this.products.byId(inviter.product.id);
    return this.database.transaction(async () => {
      const { maxUsers } = await this.entitlements.locked(inviter.organization.id);
      const { membership, account } = await this.members.seat(inviter.organization.id, invitee, maxUsers);
      const { plaintext, digest } = this.secrets.generate(SCHEME);
      const expiresAt = new Date(this.clock.now().getTime() + LIFETIME_DAYS * 86_400_000);
      // To the account's own address where there is one: an address that merely folds to the same could be somebody else's.
      const sentTo = account?.email ?? invitee.email;
      await this.members.sendInvitation(membership, { digest, expiresAt, sentTo });
      await this.mailer.deliver({
        id: this.secrets.randomId(),
        to: { name: invitee.name, email: sentTo },
        locale: account?.locale ?? product.defaultLocale,
        brand: this.products.brandOf(product),
        message: {
          template: 'invitation',
          inviterName: inviter.name,
          organizationName: inviter.organization.name,
          link: product.invitationLink(this.config.publicUrl, plaintext),
          expiresInDays: LIFETIME_DAYS,
        },
      });
      await this.audit.record({
        chain: { organizationId: inviter.organization.id },
        actor: inviter.actor,
        action: 'user.invited',
        target: { type: 'user', id: membership.memberId },
        metadata: { role: membership.role },
      });
      return membership;
    });
  }

  /** @throws invalid_invitation, validation_error where a password is needed or too weak, overloaded */
  async accept(acceptance: Acceptance): Promise<SignedIn> {
    const digest = this.secrets.digest(acceptance.token);
    const membership = this.secrets.isWellFormed(SCHEME, acceptance.token) ? await this.members.byInvitation(digest) : null;
    if (membership === null || !membership.isAcceptable(this.clock.now())) throw new DomainError('invalid_invitation');
    const { product, email } = await this.standing(membership);
    const account = await this.users.byEmail(email);
    if (account !== null && (!account.isEnabled || account.email !== email)) throw new DomainError('invalid_invitation');
    const hash = await this.hashFor(account, email, acceptance.password);

    const signedIn = await this.database.transaction(async () => {
      const user = account ?? (await this.users.register(this.newcomer(membership, email, acceptance.locale ?? product.defaultLocale), true));
      if (user === null) return null;
      const joined = await this.members.accept(digest, user);
      if (joined === null) throw new DomainError('invalid_invitation');
      if (hash !== null) await this.setPassword(user, hash, product, account === null);
      return this.welcome(user, joined, product);
    });
    // Somebody took the address in this very moment: now there is an account, and the answer is another.
    return signedIn ?? this.accept(acceptance);
  }

  private async standing(membership: Membership): Promise<{ product: Product; email: string }> {
    const organization = await this.organizations.byId(membership.organizationId);
    const product = organization === null ? null : await this.products.byId(organization.productId);
    const email = membership.invitationSentTo;
    if (organization === null || organization.suspendedAt !== null || product === null || !product.active || email === null) {
      throw new DomainError('invalid_invitation');
    }
    return { product, email };
  }

  /** Who never proved the address may have taken it from its owner: only a new password makes the account the reader's. */
  private async hashFor(account: User | null, email: string, password: string | undefined): Promise<string | null> {
    const mustSet = account === null || account.emailProvenAt === null;
    if (password === undefined) {
      if (mustSet) throw invalid({ field: 'password', code: 'blank' });
      return null;
    }
    const faults = passwordFaults('password', password, email);
    if (faults.length > 0) throw invalid(...faults);
    return this.passwords.hash(password);
  }

  private newcomer(membership: Membership, email: string, locale: Locale) {
    return { email, canonicalEmail: membership.invitedCanonicalEmail ?? email, name: membership.invitedName ?? email, locale };
  }

  private async setPassword(user: User, hash: string, product: Product, first: boolean): Promise<void> {
    if (first) return this.stored.put(user.id, hash, this.clock.now());
    await this.users.change(user.id, (owner, now) => owner.proveEmail(now));
    const ended = await this.newPasswords.set(user, hash, product, null);
    const reference = { type: 'user', id: user.id } as const;
    // Like a reset: the link in the mailbox was the proof. On the identity chain, since the inviter's own must not tell of other sessions.
    await this.audit.record({
      chain: { identityOf: product.id },
      actor: reference,
      action: 'password.reset',
      target: reference,
      metadata: { sessions_ended: ended },
    });
  }

  private async welcome(user: User, { id, organizationId, role }: Membership, product: Product): Promise<SignedIn> {
    await this.audit.record({
      chain: { organizationId },
      actor: { type: 'user', id: user.id },
      action: 'user.joined',
      target: { type: 'user', id: user.id },
      metadata: { role },
    });
    const organization = await this.organizations.byId(organizationId);
    if (organization === null) throw new DomainError('invalid_invitation');
    const { name, slug } = organization;
    const reference = { id: product.id, slug: product.slug, name: product.branding.product_name, defaultLocale: product.defaultLocale };
    return this.signIn.open(user, { membershipId: id, organizationId, name, slug, role }, reference);
  }
}
