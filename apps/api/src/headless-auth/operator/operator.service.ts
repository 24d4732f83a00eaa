import { Injectable } from '@nestjs/common';
import { Audit, type AuditAction, type Reference } from '#audit';
import { Clock } from '#clock';
import { Database } from '#database';
import { DomainError } from '#domain';
import { type ListedKey, SigningKeys } from '#jwt';
import { Products } from '../../products/index.js';
import { Organizations, Users } from '../../workspace/index.js';
import { SessionRepository } from '../storage/session.repository.js';

/** What only whoever runs the service may do; each act stands on the operator's own chain of the audit trail. */
@Injectable()
export class Operator {
  constructor(
    private readonly database: Database,
    private readonly users: Users,
    private readonly organizations: Organizations,
    private readonly products: Products,
    private readonly sessions: SessionRepository,
    private readonly keys: SigningKeys,
    private readonly clock: Clock,
    private readonly audit: Audit,
  ) {}

  /** Ends every session of the user; none revives when they are enabled again. @throws not_found */
  async disableUser(email: string): Promise<void> {
    const id = await this.userId(email);
    await this.database.transaction(async () => {
      await this.users.change(id, (user, now) => user.disable(now));
      const ended = await this.sessions.revokeAllOf(id, this.clock.now());
      await this.record('user.disabled', { type: 'user', id }, { sessions_ended: ended.length });
    });
  }

  /** @throws not_found */
  async enableUser(email: string): Promise<void> {
    const id = await this.userId(email);
    await this.database.transaction(async () => {
      await this.users.change(id, (user, now) => user.enable(now));
      await this.record('user.enabled', { type: 'user', id });
    });
  }

  /** Every credential of the organization is dead until it is resumed. @throws not_found */
  async suspendOrganization(productSlug: string, slug: string): Promise<void> {
    await this.database.transaction(async () => {
      const organization = await this.organization(productSlug, slug);
      await this.organizations.suspend(organization);
      await this.record('organization.suspended', { type: 'organization', id: organization.id });
    });
  }

  /** @throws not_found */
  async resumeOrganization(productSlug: string, slug: string): Promise<void> {
    await this.database.transaction(async () => {
      const organization = await this.organization(productSlug, slug);
      await this.organizations.resume(organization);
      await this.record('organization.resumed', { type: 'organization', id: organization.id });
    });
  }

  async listSigningKeys(): Promise<readonly ListedKey[]> {
    return this.keys.list();
  }

  async rotateSigningKeys(immediately: boolean): Promise<ListedKey> {
    return this.database.transaction(async () => {
      const key = await this.keys.rotate({ immediately });
      await this.record('signing_key.rotated', { type: 'signing_key', id: key.kid }, { immediately });
      return key;
    });
  }

  /** @throws not_found, conflict for the key that signs now */
  async removeSigningKey(kid: string): Promise<void> {
    await this.database.transaction(async () => {
      await this.keys.remove(kid);
      await this.record('signing_key.removed', { type: 'signing_key', id: kid });
    });
  }

  private async userId(email: string): Promise<number> {
    const user = await this.users.byEmail(email);
    if (user === null) throw new DomainError('not_found', { cause: 'no user has this address' });
    return user.id;
  }

  private async organization(productSlug: string, slug: string) {
    const product = await this.products.bySlug(productSlug);
    if (product === null) throw new DomainError('not_found', { cause: `there is no product ${productSlug}` });
    const organization = await this.organizations.bySlug(product.id, slug);
    if (organization === null) throw new DomainError('not_found', { cause: `${productSlug} has no organization ${slug}` });
    return organization;
  }

  private async record(action: AuditAction, target: Reference, metadata: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await this.audit.record({ chain: 'operator', actor: { type: 'operator', id: null }, action, target, metadata });
  }
}
