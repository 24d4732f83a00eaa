import { Injectable } from '@nestjs/common';
import { type Description, type Ending, type RecognizedSecret, type Revocable, Revocables } from '#access';
import { Audit } from '#audit';
import { Database } from '#database';
import { Secrets } from '#secrets';
import { SECRET_SCHEME } from './client-authentication/client-secret.js';
import type { ClientSecret } from './domain/client-secret.js';
import { ApplicationRepository } from './storage/application.repository.js';
import { ClientSecretRepository } from './storage/client-secret.repository.js';

/** Ends an application's secrets where nobody calls for it; the tokens that they obtained die with them. */
@Injectable()
export class ApplicationEndings implements Revocable {
  readonly kind = 'oauth_application';

  constructor(
    revocables: Revocables,
    private readonly database: Database,
    private readonly applications: ApplicationRepository,
    private readonly stored: ClientSecretRepository,
    private readonly secrets: Secrets,
    private readonly audit: Audit,
  ) {
    revocables.register(this);
  }

  async describe(organizationId: number, id: number): Promise<Description | null> {
    const application = await this.applications.findEver(organizationId, id);
    if (application === null) return null;
    if (application.deletedAt !== null) return { name: application.name, isAlive: false };
    const now = await this.database.time();
    const works = (await this.stored.of([id])).some((secret) => secret.works(now));
    return { name: application.name, isAlive: works || application.jwks !== null };
  }

  /** All that it can prove itself by; an admin may give it a new secret. */
  async end(organizationId: number, id: number, ending: Ending): Promise<boolean> {
    const application = await this.applications.lock(organizationId, id);
    if (application === null) return false;
    const secrets = await this.stored.of([id]);
    for (const secret of secrets) await this.revoke(organizationId, secret, ending);
    if (application.jwks === null) return secrets.length > 0;
    application.update({ jwks: null }, await this.database.time());
    await this.applications.save(application);
    const { actor, reason } = ending;
    await this.audit.record({ chain: { organizationId }, actor, action: 'oauth_application.updated', target: { type: 'oauth_application', id }, metadata: { changed: ['jwks'], reason } });
    return true;
  }

  async recognize(secret: string): Promise<RecognizedSecret | null> {
    if (!this.secrets.isWellFormed(SECRET_SCHEME, secret)) return null;
    const digest = this.secrets.digest(secret);
    const known = await this.stored.byDigest(digest);
    return known === null ? null : { organizationId: known.organization_id, credentialId: known.application_id, digest };
  }

  /** That secret alone. */
  async endSecret({ organizationId, credentialId, digest }: RecognizedSecret, ending: Ending): Promise<boolean> {
    if ((await this.applications.lock(organizationId, credentialId)) === null) return false;
    const secret = (await this.stored.of([credentialId])).find((one) => one.digest.equals(digest));
    if (secret === undefined || !secret.works(await this.database.time())) return false;
    await this.revoke(organizationId, secret, ending);
    return true;
  }

  private async revoke(organizationId: number, secret: ClientSecret, { actor, reason, sourceUrl }: Ending): Promise<void> {
    secret.revoke(await this.database.time());
    await this.stored.save(secret);
    const metadata = { application_id: secret.applicationId, token_prefix: secret.prefix, reason, ...(sourceUrl !== undefined && { source_url: sourceUrl }) };
    await this.audit.record({ chain: { organizationId }, actor, action: 'oauth_secret.revoked', target: { type: 'oauth_secret', id: secret.id }, metadata });
  }
}
