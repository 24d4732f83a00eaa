import { Injectable } from '@nestjs/common';
import { Clock } from '#clock';
import { Database } from '#database';
import { DomainError, type Principal, type ProductRef } from '#domain';
import { Secrets } from '#secrets';
import { type Affiliation, Members, type User, Users } from '../workspace/index.js';
import { PasswordCheck, type Proof } from './password-check.service.js';
import { type SignedIn, SignIn } from './sign-in.service.js';
import { LoginTicketRepository } from './storage/login-ticket.repository.js';
import { SessionRepository } from './storage/session.repository.js';

const TICKET_SCHEME = 'klt_';
const TICKET_LIFETIME_MS = 5 * 60 * 1000;

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** Somebody with several organizations on one product has to say which. */
export interface Choice {
  readonly organizations: readonly Affiliation[];
  readonly loginToken: string;
}

export type LoginOutcome = SignedIn | Choice;

@Injectable()
export class Logins {
  constructor(
    private readonly database: Database,
    private readonly check: PasswordCheck,
    private readonly members: Members,
    private readonly users: Users,
    private readonly tickets: LoginTicketRepository,
    private readonly sessions: SessionRepository,
    private readonly signIn: SignIn,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
  ) {}

  /** @throws unauthorized, no_organization, rate_limit_exceeded, overloaded */
  async login(credentials: Credentials, product: ProductRef): Promise<LoginOutcome> {
    const proof = await this.check.prove({ ...credentials, productId: product.id });
    const affiliations = await this.members.affiliations(proof.user.id, product.id);
    const [only] = affiliations;
    if (only === undefined) throw new DomainError('no_organization');
    return this.on(proof, async () => {
      if (affiliations.length === 1) return this.signIn.open(proof.user, only, product);
      return { organizations: affiliations, loginToken: await this.ticketFor(proof.user, product) };
    });
  }

  /** Redeems the ticket of a login, once. @throws invalid_token, not_found for an organization that is not theirs */
  async selectByTicket(loginToken: string, organizationId: number, product: ProductRef): Promise<SignedIn> {
    if (!this.secrets.isWellFormed(TICKET_SCHEME, loginToken)) throw new DomainError('invalid_token');
    const digest = this.secrets.digest(loginToken);
    const ticket = await this.tickets.find(digest, product.id, this.clock.now());
    const user = ticket === null ? null : await this.users.byId(ticket.user_id);
    if (user === null || !user.isEnabled) throw new DomainError('invalid_token');
    const affiliation = await this.affiliation(user.id, organizationId, product.id);
    return this.database.transaction(async () => {
      await this.users.held(user.id);
      if (!(await this.tickets.consume(digest, this.clock.now()))) throw new DomainError('invalid_token');
      return this.signIn.open(user, affiliation, product);
    });
  }

  /** The same for a client that kept no ticket. @throws unauthorized, not_found, rate_limit_exceeded, overloaded */
  async selectByPassword(credentials: Credentials, organizationId: number, product: ProductRef): Promise<SignedIn> {
    const proof = await this.check.prove({ ...credentials, productId: product.id });
    const affiliation = await this.affiliation(proof.user.id, organizationId, product.id);
    return this.on(proof, () => this.signIn.open(proof.user, affiliation, product));
  }

  /** A session beside the present one, in another of the user's organizations on this product. @throws not_found */
  async switchTo(organizationId: number, { userId, product, credentialId }: Principal): Promise<SignedIn> {
    const affiliation = await this.affiliation(userId, organizationId, product.id);
    return this.database.transaction(async () => {
      const user = await this.users.held(userId);
      // What ended all sessions while this request was on its way ended this one too.
      if (user === null || (await this.sessions.hasEnded(credentialId))) throw new DomainError('token_revoked');
      return this.signIn.open(user, affiliation, product);
    });
  }

  /** What follows from a proof. @throws unauthorized where a new password came meanwhile */
  private async on<T>(proof: Proof, work: () => Promise<T>): Promise<T> {
    return this.database.transaction(async () => {
      if (!(await this.check.stillHolds(proof))) throw new DomainError('unauthorized');
      return work();
    });
  }

  private async affiliation(userId: number, organizationId: number, productId: number): Promise<Affiliation> {
    const found = (await this.members.affiliations(userId, productId)).find((one) => one.organizationId === organizationId);
    if (found === undefined) throw new DomainError('not_found');
    return found;
  }

  private async ticketFor(user: User, product: ProductRef): Promise<string> {
    const { plaintext, digest } = this.secrets.generate(TICKET_SCHEME);
    const now = this.clock.now();
    const expiresAt = new Date(now.getTime() + TICKET_LIFETIME_MS);
    await this.tickets.add({ digest, userId: user.id, productId: product.id, expiresAt }, now);
    return plaintext;
  }
}
