import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { Clock } from '#clock';
import { Database } from '#database';
import type { Principal } from '#domain';
import { Mailer } from '#mail';
import { Secrets } from '#secrets';
import { Products } from '../products/index.js';
import { Members } from '../workspace/index.js';
import type { Installation } from './domain/installation.js';
import { ExtensionSecretRepository } from './storage/extension-secret.repository.js';

const HOUR_MS = 3_600_000;

/** A stored value that does not open was changed or moved behind our back: the trail says so, and the admins are told, once an hour. */
@Injectable()
export class BrokenSecretNotices {
  constructor(
    private readonly database: Database,
    private readonly stored: ExtensionSecretRepository,
    private readonly members: Members,
    private readonly products: Products,
    private readonly mailer: Mailer,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
    private readonly audit: Audit,
  ) {}

  async tell({ organization, product, actor }: Principal, { id, name: extensionName }: Installation, key: string): Promise<void> {
    await this.database.transaction(async () => {
      const now = this.clock.at(await this.database.time());
      if (!(await this.stored.takeBrokenNotice(id, key, new Date(now.getTime() - HOUR_MS), now))) return;
      const target = { type: 'extension_secret', id: `${id}/${key}` } as const;
      await this.audit.record({ chain: { organizationId: organization.id }, actor, action: 'extension_secret.broken', target, metadata: { installation_id: id, key } });
      const brand = this.products.brandOf(await this.products.byId(product.id));
      for (const { name, email, locale } of await this.members.admins(organization.id)) {
        const message = { template: 'secret_broken', name, secretKey: key, extensionName, organizationName: organization.name } as const;
        await this.mailer.deliver({ id: this.secrets.randomId(), to: { name, email }, locale, brand, message });
      }
    });
  }
}
