import { Injectable } from '@nestjs/common';
import { Audit } from '#audit';
import { Database } from '#database';
import type { Principal } from '#domain';
import type { Installation } from './domain/installation.js';
import { ExtensionSecretRepository } from './storage/extension-secret.repository.js';

const HOUR_MS = 3_600_000;

/** A stored value that does not open was changed or moved behind our back: the trail says so, once an hour, and who reads it raises the alarm. */
@Injectable()
export class BrokenSecrets {
  constructor(
    private readonly database: Database,
    private readonly stored: ExtensionSecretRepository,
    private readonly audit: Audit,
  ) {}

  async record({ organization, actor }: Principal, { id }: Installation, key: string): Promise<void> {
    await this.database.transaction(async () => {
      const now = await this.database.time();
      if (!(await this.stored.takeBrokenNotice(id, key, new Date(now.getTime() - HOUR_MS), now))) return;
      const target = { type: 'extension_secret', id: `${id}/${key}` } as const;
      await this.audit.record({ chain: { organizationId: organization.id }, actor, action: 'extension_secret.broken', target, metadata: { installation_id: id, key } });
    });
  }
}
