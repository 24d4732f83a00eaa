import { Injectable } from '@nestjs/common';
import { Revocables } from '#access';
import { Issued } from '#audit';
import { Database } from '#database';

const REPORTER = { type: 'leak_report', id: null } as const;

/** Ends what somebody found where it should not be. Whoever holds a credential can do worse with it than end it. */
@Injectable()
export class LeakedCredentials {
  constructor(
    private readonly database: Database,
    private readonly revocables: Revocables,
    private readonly issued: Issued,
  ) {}

  /** Says nothing of what it was, or whether it was anything. The alert comes by way of the audit trail. */
  async report(credential: string, sourceUrl: string | undefined): Promise<void> {
    const recognized = await this.revocables.recognize(credential);
    if (recognized === null) return;
    const { revocable, found } = recognized;
    await this.database.transaction(async () => {
      const ended = await revocable.endSecret?.(found, { actor: REPORTER, reason: 'leaked', sourceUrl });
      if (ended === true && revocable.kind === 'workspace_token') await this.endIssuedBy(found.organizationId, found.credentialId);
    });
  }

  /** Whoever had the token had what it handed out, and what that handed out in turn. */
  private async endIssuedBy(organizationId: number, tokenId: number): Promise<void> {
    const open = [tokenId];
    const seen = new Set(open);
    for (let issuer = open.pop(); issuer !== undefined; issuer = open.pop()) {
      for (const { kind, credentialId } of await this.issued.by(organizationId, issuer)) {
        await this.revocables.of(kind).end(organizationId, credentialId, { actor: REPORTER, reason: 'issued_by_leaked' });
        if (kind !== 'workspace_token' || seen.has(credentialId)) continue;
        seen.add(credentialId);
        open.push(credentialId);
      }
    }
  }
}
