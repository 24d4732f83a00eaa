import { Injectable } from '@nestjs/common';
import { Audit, type AuditAction, type Reference } from '#audit';
import { Database } from '#database';
import { DomainError, Grant, type Principal } from '#domain';
import type { PageOf, PageRequest } from '#request';
import { Secrets } from '#secrets';
import { Users } from '../workspace/index.js';
import { SECRET_SCHEME } from './client-authentication/client-secret.js';
import { Application, type ApplicationFacts } from './domain/application.js';
import { ClientSecret } from './domain/client-secret.js';
import { ApplicationRepository } from './storage/application.repository.js';
import { ClientSecretRepository } from './storage/client-secret.repository.js';

/** An application with the secrets that it still has. */
export interface ListedApplication {
  readonly application: Application;
  readonly secrets: readonly ClientSecret[];
}

/** A secret, told this once. */
export interface ToldSecret {
  readonly secret: ClientSecret;
  readonly plaintext: string;
}

/** What an application asks for; its grant is everything where it names no scopes. */
export interface NewApplication extends ApplicationFacts {
  readonly grant: Grant;
}

/** The organization's OAuth applications, as its admins keep them. Handing one out is handing out all that it may do. */
@Injectable()
export class Applications {
  constructor(
    private readonly database: Database,
    private readonly applications: ApplicationRepository,
    private readonly stored: ClientSecretRepository,
    private readonly users: Users,
    private readonly secrets: Secrets,
    private readonly audit: Audit,
  ) {}

  async list({ organization }: Principal, page: PageRequest): Promise<PageOf<ListedApplication>> {
    const { rows, total } = await this.applications.list(organization.id, page);
    const secrets = await this.stored.of(rows.map(({ id }) => id));
    return { rows: rows.map((application) => ({ application, secrets: secrets.filter(({ applicationId }) => applicationId === application.id) })), total };
  }

  /** @throws not_found */
  async show({ organization }: Principal, id: number): Promise<ListedApplication> {
    const application = await this.applications.find(organization.id, id);
    if (application === null) throw new DomainError('not_found');
    return { application, secrets: await this.stored.of([id]) };
  }

  /** Registers an application with its first secret. @throws insufficient_scope */
  async register(admin: Principal, { grant, ...facts }: NewApplication): Promise<ListedApplication & ToldSecret> {
    admin.mustCover(grant);
    admin.mustOutlive(null);
    const clientId = `app_${this.secrets.randomId()}`;
    return this.database.transaction(async () => {
      const service = await this.users.addService({ email: `${clientId}@service.invalid`, name: facts.name, locale: admin.product.defaultLocale });
      const place = { organizationId: admin.organization.id, serviceUserId: service.id, clientId };
      const application = Application.register(place, facts, await this.database.time());
      await this.applications.add(application);
      const told = await this.addTo(application, [], null);
      await this.record(admin, 'oauth_application.registered', { type: 'oauth_application', id: application.id }, { scopes: application.scopes });
      return { application, secrets: [told.secret], ...told };
    });
  }

  /** More scopes, or another key to prove itself by, are handed out like a new application. @throws not_found, insufficient_scope */
  async update(admin: Principal, id: number, changes: Partial<ApplicationFacts>, grant: Grant | undefined): Promise<ListedApplication> {
    return this.database.transaction(async () => {
      const application = await this.locked(admin, id);
      if (grant !== undefined) mustGrant(admin, application, grant);
      const changed = changedBy(application, changes);
      if (changed.length === 0) return this.show(admin, id);
      application.update(changes, await this.database.time());
      if (changes.jwks !== undefined && changes.jwks !== null) mustHandOut(admin, application, null);
      await this.applications.save(application);
      if (changes.name !== undefined) await this.users.change(application.serviceUserId, (user, now) => user.update({ name: application.name }, now));
      await this.record(admin, 'oauth_application.updated', { type: 'oauth_application', id }, { changed, scopes: application.scopes });
      return this.show(admin, id);
    });
  }

  /** Its tokens are dead from the next request on, on every instance. @throws not_found */
  async delete(admin: Principal, id: number): Promise<void> {
    await this.database.transaction(async () => {
      const application = await this.locked(admin, id);
      application.delete(await this.database.time());
      await this.applications.save(application);
      await this.record(admin, 'oauth_application.deleted', { type: 'oauth_application', id });
    });
  }

  /** A second secret, so that the first can go without a pause. @throws not_found, insufficient_scope, limit_reached, validation_error */
  async addSecret(admin: Principal, id: number, expiresAt: Date | null): Promise<ToldSecret> {
    return this.database.transaction(async () => {
      const application = await this.locked(admin, id);
      mustHandOut(admin, application, expiresAt);
      const told = await this.addTo(application, await this.stored.of([id]), expiresAt);
      await this.record(admin, 'oauth_secret.added', { type: 'oauth_secret', id: told.secret.id }, { application_id: id, expires_at: expiresAt });
      return told;
    });
  }

  /** The tokens that it obtained are dead from the next request on. @throws not_found */
  async revokeSecret(admin: Principal, id: number, secretId: number): Promise<void> {
    await this.database.transaction(async () => {
      await this.locked(admin, id);
      const secret = (await this.stored.of([id])).find((one) => one.id === secretId);
      if (secret === undefined) throw new DomainError('not_found');
      secret.revoke(await this.database.time());
      await this.stored.save(secret);
      await this.record(admin, 'oauth_secret.revoked', { type: 'oauth_secret', id: secretId }, { application_id: id });
    });
  }

  private async addTo({ id: applicationId }: Application, others: readonly ClientSecret[], expiresAt: Date | null): Promise<ToldSecret> {
    const { plaintext, digest, prefix } = this.secrets.generate(SECRET_SCHEME);
    const secret = ClientSecret.add(others, { applicationId, digest, prefix, expiresAt }, await this.database.time());
    await this.stored.add(secret);
    return { secret, plaintext };
  }

  /** What ends is judged by the database's clock on every instance, and so is written by it. */
  private async locked({ organization }: Principal, id: number): Promise<Application> {
    const application = await this.applications.lock(organization.id, id);
    if (application === null) throw new DomainError('not_found');
    return application;
  }

  private async record(admin: Principal, action: AuditAction, target: Reference, metadata: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await this.audit.record({ chain: { organizationId: admin.organization.id }, actor: admin.actor, action, target, metadata });
  }
}

/** What it has already, it keeps whoever says so; what it is given beyond that outlives whoever gives it. @throws insufficient_scope */
function mustGrant(admin: Principal, { scopes }: Application, grant: Grant): void {
  admin.mustCover(grant);
  if (!scopes.covers(grant.scopes)) admin.mustOutlive(null);
}

/** Whoever holds a new credential of an application holds all that it may do. @throws insufficient_scope */
function mustHandOut(admin: Principal, application: Application, expiresAt: Date | null): void {
  admin.mustCover(Grant.of(application.scopes));
  admin.mustOutlive(expiresAt);
}

const CALLED = { name: 'name', scopes: 'scopes', accessTokenTtl: 'access_token_ttl', jwks: 'jwks' } as const;

/** What a change would change, as the API calls it. */
function changedBy(application: Application, changes: Partial<ApplicationFacts>): string[] {
  const names = Object.keys(CALLED) as (keyof ApplicationFacts)[];
  return names.filter((name) => changes[name] !== undefined && JSON.stringify(changes[name]) !== JSON.stringify(application[name])).map((name) => CALLED[name]);
}
