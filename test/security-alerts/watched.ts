import { Secrets } from '#secrets';
import type { ReceivedMail } from '../support/mailbox.js';
import type { Person, World } from '../support/world.js';
import type { SlackStandIn } from './slack.js';

/** An alert as the API lists it. */
export interface ListedAlert {
  readonly id: number;
  readonly type: string;
  readonly severity: string;
  readonly subject: { readonly type: string; readonly id: number | null; readonly name: string };
  readonly message: string;
  readonly count: number;
  readonly first_seen_at: string;
  readonly last_seen_at: string;
  readonly acknowledged_at: string | null;
}

/** A new organization whose alerts go to its admin and to a Slack channel of its own. */
export async function watched(world: World, slack: SlackStandIn): Promise<Person & { channel: string }> {
  const admin = await world.register();
  const channel = `/services/T000/B${admin.organizationId}/secret`;
  const { status, body } = await admin.client.put('/security_alert_settings', { security_alert_settings: { slack_webhook_url: slack.url(channel) } });
  if (status !== 200) throw new Error(`settings: ${status} ${JSON.stringify(body)}`);
  return { ...admin, channel };
}

export async function alerts({ client }: Pick<Person, 'client'>): Promise<ListedAlert[]> {
  return (await client.get('/security_alerts')).body.data as ListedAlert[];
}

/** The mails that an address got about alerts. */
export function alertMails(world: World, address: string): ReceivedMail[] {
  return world.mailbox.received.filter(({ recipients, subject }) => recipients.includes(address) && TITLES.test(subject ?? ''));
}

/** The alert of a type, once it is there. */
export async function alertOf(admin: Pick<Person, 'client'>, type: string, fits: (alert: ListedAlert) => boolean = () => true): Promise<ListedAlert> {
  return eventually(`an alert ${type}`, async () => (await alerts(admin)).find((alert) => alert.type === type && fits(alert)));
}

/** What a look finds at last. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>, seconds = 30): Promise<T> {
  for (const deadline = Date.now() + seconds * 1000; ; ) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The id of an alert as if it had been told. */
export async function raised(world: World, { organizationId }: Pick<Person, 'organizationId'>): Promise<number> {
  const [row] = await world.database.sql<{ id: number }>(
    `INSERT INTO security_alerts (organization_id, type, severity, subject_type, subject_id, subject_name, ip, count, first_seen_at, last_seen_at)
     VALUES ($1, 'new_network', 'low', 'workspace_token', 5, 'CI', '203.0.113.5', 2, now(), now()) RETURNING id::int`,
    [organizationId],
  );
  return row?.id ?? 0;
}

/** What the link of an alert holds that ends a new token of this admin's. */
export async function linkToken(world: World, admin: Person): Promise<string> {
  const { plaintext, digest } = world.instance.app.get(Secrets).generate('kal_');
  await world.database.sql('INSERT INTO security_alert_actions (digest, alert_id, organization_id, credential_kind, credential_id, expires_at) VALUES ($1, $2, $3, $4, $5, $6)', [
    digest, await raised(world, admin), admin.organizationId, 'workspace_token', (await world.token(admin)).id, new Date(Date.now() + 60_000),
  ]);
  return plaintext;
}

const TITLES = /zrušený přístup|token byl použit dvakrát|neúspěšných přihlášení|odmítnutých požadavků|z nové sítě|uniklý přístup|tajemství nelze/;
