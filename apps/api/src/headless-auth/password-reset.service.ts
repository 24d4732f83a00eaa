import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Audit } from '#audit';
import { Clock } from '#clock';
import { Config } from '#config';
import { Database } from '#database';
import { DomainError, invalid, type Origin, type ProductRef } from '#domain';
import { Jobs, type Queue } from '#jobs';
import { Mailer } from '#mail';
import { currentOrigin } from '#request';
import { Passwords, passwordFaults, Secrets } from '#secrets';
import { type Product, Products } from '../products/index.js';
import { Members, type User, Users } from '../workspace/index.js';
import { RESET_MAILS } from './domain/lockout.js';
import { Lockout } from './lockout.service.js';
import { NewPasswords } from './new-password.service.js';
import { AttemptRepository } from './storage/attempt.repository.js';
import { PasswordResetRepository } from './storage/password-reset.repository.js';
import { SessionRepository } from './storage/session.repository.js';

const SCHEME = 'krt_';
const LIFETIME_MINUTES = 60;
const FIRST_PARTY = 'kiket';

interface ResetRequest {
  readonly email: string;
  readonly productId: number | null;
  readonly origin: Origin;
}

const RESET_REQUESTS: Queue<ResetRequest> = {
  name: 'password-reset-requests',
  retryLimit: 10,
  retryDelaySeconds: 5,
  retryDelayMaxSeconds: 300,
  timeoutSeconds: 30,
};

/** The way back in for who forgot: a link in a mail, good once and for an hour. */
@Injectable()
export class PasswordResets implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly jobs: Jobs,
    private readonly users: Users,
    private readonly members: Members,
    private readonly products: Products,
    private readonly attempts: AttemptRepository,
    private readonly resets: PasswordResetRepository,
    private readonly sessions: SessionRepository,
    private readonly newPasswords: NewPasswords,
    private readonly passwords: Passwords,
    private readonly lockout: Lockout,
    private readonly mailer: Mailer,
    private readonly secrets: Secrets,
    private readonly config: Config,
    private readonly clock: Clock,
    private readonly audit: Audit,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(RESET_REQUESTS, (request) => this.prepare(request));
  }

  /** Only notes the request: looking the address up here would tell, by the time it takes, whether it is known. */
  async request(email: string, product: ProductRef | undefined): Promise<void> {
    await this.jobs.enqueue(RESET_REQUESTS, { email, productId: product?.id ?? null, origin: currentOrigin() });
  }

  /** @throws invalid_reset_token, validation_error, overloaded */
  async reset(token: string, password: string): Promise<void> {
    const digest = this.secrets.digest(token);
    const pending = this.secrets.isWellFormed(SCHEME, token) ? await this.resets.find(digest, this.clock.now()) : null;
    const user = pending === null ? null : await this.users.byId(pending.user_id);
    if (pending === null || user === null || !user.isEnabled) throw new DomainError('invalid_reset_token');
    const faults = passwordFaults('password', password, user.email);
    if (faults.length > 0) throw invalid(...faults);
    const hash = await this.passwords.hash(password);
    const product = await this.products.byId(pending.product_id);
    await this.database.transaction(async () => {
      if (!(await this.resets.consume(digest, this.clock.now()))) throw new DomainError('invalid_reset_token');
      await this.users.change(user.id, (owner, now) => owner.proveEmail(now));
      const ended = await this.newPasswords.set(user, hash, product, null);
      await this.record('password.reset', user, product.id, { sessions_ended: ended });
    });
    await this.lockout.forgive(user.canonicalEmail ?? user.email, user.id, currentOrigin().ip ?? 'unknown');
  }

  private async prepare({ email, productId, origin }: ResetRequest): Promise<void> {
    const user = await this.users.byEmail(email);
    if (user === null || !user.isEnabled) return;
    const product = await this.productFor(user, productId);
    await this.database.transaction(async () => {
      const { taken } = await this.attempts.take(`reset:${user.id}`, RESET_MAILS, this.clock.now());
      if (!taken) return;
      await this.send(user, product);
      await this.record('password.reset_requested', user, product.id, {}, origin);
    });
  }

  private async send(user: User, product: Product): Promise<void> {
    const { plaintext, digest } = this.secrets.generate(SCHEME);
    const expiresAt = new Date(this.clock.now().getTime() + LIFETIME_MINUTES * 60_000);
    await this.resets.put({ userId: user.id, productId: product.id, digest, expiresAt });
    await this.mailer.deliver({
      id: this.secrets.randomId(),
      to: { name: user.name, email: user.email },
      locale: user.locale,
      brand: this.products.brandOf(product),
      message: { template: 'password_reset', name: user.name, link: product.resetLink(this.config.publicUrl, plaintext), expiresInMinutes: LIFETIME_MINUTES },
    });
  }

  /** Whose brand the mail wears: the product asked through, else where the user was last, else where they joined last. */
  private async productFor(user: User, named: number | null): Promise<Product> {
    const candidates = [
      () => named,
      () => this.sessions.latestProductId(user.id),
      () => this.members.newestProductId(user.id),
    ];
    for (const candidate of candidates) {
      const id = await candidate();
      const product = id === null ? null : await this.products.byId(id);
      // What is switched off has no page that the link could lead to.
      if (product?.active === true) return product;
    }
    const firstParty = await this.products.bySlug(FIRST_PARTY);
    if (firstParty === null) throw new Error(`there is no product ${FIRST_PARTY}`);
    return firstParty;
  }

  private async record(
    action: 'password.reset' | 'password.reset_requested',
    user: User,
    productId: number,
    metadata: Readonly<Record<string, unknown>>,
    origin?: Origin,
  ): Promise<void> {
    const reference = { type: 'user', id: user.id } as const;
    await this.audit.record({ chain: { identityOf: productId }, actor: reference, action, target: reference, metadata, ...(origin && { origin }) });
  }
}
