import { Injectable } from '@nestjs/common';
import { type Description, Revocables } from '#access';
import { Feed, type FeedEntry, type FeedReader } from '#audit';
import type { CredentialKind } from '#domain';
import { Alarms } from '../alarms.service.js';
import type { Suspicion } from '../domain/security-alert.js';
import { type Failure, FailedLogins } from './failed-logins.service.js';

const ORGANIZATION = /^organization:(\d+)$/;
const IDENTITY = /^identity:(\d+)$/;

/** What is worth an alert among what was recorded: each entry is heard of once. */
@Injectable()
export class SuspiciousActs implements FeedReader {
  readonly name = 'security alerts';

  constructor(
    feed: Feed,
    private readonly alarms: Alarms,
    private readonly failedLogins: FailedLogins,
    private readonly revocables: Revocables,
  ) {
    feed.register(this);
  }

  /** In the transaction that moves our place in the feed. */
  async read(entries: readonly FeedEntry[]): Promise<void> {
    const suspicions = await this.failedLogins.heard(entries.flatMap((entry) => failureOf(entry) ?? []));
    for (const entry of entries) {
      const organizationId = numberIn(ORGANIZATION, entry.chain);
      const suspicion = organizationId === null ? null : await this.suspicion(organizationId, entry);
      if (suspicion !== null) suspicions.push(suspicion);
    }
    await this.alarms.judge(suspicions);
  }

  private async suspicion(organizationId: number, entry: FeedEntry): Promise<Suspicion | null> {
    const { action, target_id: targetId, ip, occurred_at: at } = entry;
    const facts = entry.metadata as Readonly<Record<string, unknown>>;
    const once = { organizationId, occurrences: 1, total: 1, at, ip };
    switch (action) {
      case 'session.revoked': {
        if (facts['reason'] !== 'refresh_token_reuse') return null;
        const { name } = await this.described(organizationId, 'user', Number(targetId));
        return { ...once, type: 'refresh_token_reused', subject: { type: 'session', id: Number(targetId), name } };
      }
      case 'extension_secret.broken': {
        const id = Number(facts['installation_id']);
        const { name } = await this.described(organizationId, 'extension', id);
        return { ...once, type: 'broken_secret', subject: { type: 'extension_secret', id, name: `${name}/${String(facts['key'])}` } };
      }
      case 'workspace_token.revoked':
        return this.leak(organizationId, 'workspace_token', Number(targetId), entry);
      case 'extension_key.revoked':
        return this.leak(organizationId, 'extension', Number(targetId), entry);
      case 'oauth_secret.revoked':
        return this.leak(organizationId, 'oauth_application', Number(facts['application_id']), entry);
      default:
        return null;
    }
  }

  private async leak(organizationId: number, kind: CredentialKind, id: number, { metadata, ip, occurred_at: at }: FeedEntry): Promise<Suspicion | null> {
    const { reason, token_prefix: tokenPrefix, source_url: sourceUrl } = metadata as { reason?: string; token_prefix?: string; source_url?: string };
    if (reason !== 'leaked') return null;
    const { name } = await this.described(organizationId, kind, id);
    const subject = { type: kind, id, name };
    return { organizationId, type: 'leaked_credential', subject, occurrences: 1, total: 1, at, ip, tokenPrefix: tokenPrefix ?? null, sourceUrl: sourceUrl ?? null };
  }

  private async described(organizationId: number, kind: CredentialKind, id: number): Promise<Description> {
    return (await this.revocables.of(kind).describe(organizationId, id)) ?? { name: '–', isAlive: false };
  }
}

function failureOf({ action, chain, target_id: targetId, ip, occurred_at: at }: FeedEntry): Failure | null {
  const productId = numberIn(IDENTITY, chain);
  if (action !== 'login.failed' || productId === null) return null;
  return { productId, userId: targetId === null ? null : Number(targetId), ip, at };
}

function numberIn(pattern: RegExp, chain: string | null): number | null {
  const found = pattern.exec(chain ?? '')?.[1];
  return found === undefined ? null : Number(found);
}
