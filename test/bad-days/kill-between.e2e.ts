import { Jobs } from '#jobs';
import { billingWorld, deliver, stripeEvent, stripeSubscription } from '../billing/billing-world.js';
import type { StripeServer } from '../billing/stripe-server.js';
import { installed, project } from '../extensions/installation.js';
import { linkToken, raised } from '../security-alerts/watched.js';
import { ServiceProcess } from '../support/process.js';
import type { Person, World } from '../support/world.js';
import { until } from './until.js';

jest.setTimeout(240_000);

/** Nobody else's advisory lock. */
const HOLD = 20_261_124;

let world: World;
let stripe: StripeServer;
beforeEach(async () => {
  ({ world, stripe } = await billingWorld());
  await world.database.sql(`CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock(${HOLD}); RETURN NEW; END'`);
});
afterEach(async () => {
  await ServiceProcess.killAll();
  await world.stop();
  await stripe.stop();
});

interface Act {
  /** What it leaves in the trail. */
  readonly action: string;
  /** How many rows say that it took effect in an organization. */
  readonly effect: string;
  /** What precedes it, and the act itself at another instance. */
  readonly prepare: (admin: Person) => Promise<(base: string) => Promise<unknown>>;
}

const ended = 'SELECT 1 FROM workspace_tokens WHERE organization_id = $1 AND revoked_at IS NOT NULL';

/** Of each context that keeps credentials, secrets, subscriptions or settings; no more than an instance has connections. */
const ACTS: Readonly<Record<string, Act>> = {
  'a token': {
    action: 'workspace_token.issued',
    effect: 'SELECT 1 FROM workspace_tokens WHERE organization_id = $1',
    prepare: async ({ client }) => async (base) => client.at(base).post('/workspace_api_tokens', { name: 'CI' }),
  },
  'a stored secret': {
    action: 'extension_secret.set',
    effect: 'SELECT 1 FROM extension_secrets s JOIN extensions e ON e.id = s.installation_id WHERE e.organization_id = $1',
    prepare: async (admin) => {
      const { id } = await installed(world, admin, (await project(admin)).id);
      return async (base) => admin.client.at(base).post(`/extensions/${id}/secrets/TOKEN`, { value: 'x' });
    },
  },
  'whom alerts reach': {
    action: 'settings.changed',
    effect: `SELECT 1 FROM security_alert_settings WHERE organization_id = $1 AND emails <> '{}'`,
    prepare: async ({ client }) => async (base) => client.at(base).put('/security_alert_settings', { emails: ['security@acme.cz'] }),
  },
  'an alert seen to': {
    action: 'security_alert.acknowledged',
    effect: 'SELECT 1 FROM security_alerts WHERE organization_id = $1 AND acknowledged_at IS NOT NULL',
    prepare: async (admin) => {
      const id = await raised(world, admin);
      return async (base) => admin.client.at(base).post(`/security_alerts/${id}/acknowledge`);
    },
  },
  'a confirmed link': {
    action: 'workspace_token.revoked',
    effect: `${ended} AND EXISTS (SELECT FROM security_alert_actions WHERE organization_id = $1 AND used_at IS NOT NULL)`,
    prepare: async (admin) => {
      const token = await linkToken(world, admin);
      return async (base) => fetch(`${new URL(base).origin}/security_alerts/confirm`, { method: 'POST', body: new URLSearchParams({ token }) });
    },
  },
  'a reported leak': {
    action: 'workspace_token.revoked',
    effect: ended,
    prepare: async (admin) => {
      const { token } = await world.token(admin);
      return async (base) => world.stranger.at(base).post('/leaked_credentials', { credential: token });
    },
  },
  'a payment at Stripe': {
    action: 'subscription.changed',
    effect: `SELECT 1 FROM subscriptions WHERE organization_id = $1 AND status = 'active'`,
    prepare: async (admin) => async (base) => deliver(world, stripeEvent('customer.subscription.updated', stripeSubscription(admin)), undefined, new URL(base).origin),
  },
};

/** Whose transactions wait at the trigger. */
async function held(): Promise<number[]> {
  const rows = await world.database.sql<{ pid: number }>(`SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = ${HOLD} AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`);
  return rows.map(({ pid }) => pid);
}

/** How often each act took effect, and how many entries it left. */
async function outcomes(admins: ReadonlyMap<string, Person>): Promise<Record<string, { effects: number; entries: number }>> {
  const found: Record<string, { effects: number; entries: number }> = {};
  for (const [name, { organizationId }] of admins) {
    const { action, effect } = ACTS[name] as Act;
    const entries = await world.database.sql('SELECT 1 FROM audit_entries WHERE chain = $1 AND action = $2', [`organization:${organizationId}`, action]);
    found[name] = { effects: (await world.database.sql(effect, [organizationId])).length, entries: entries.length };
  }
  return found;
}

it.each([
  ['its entry is written', 'neither took effect nor left one', 0, 'CREATE TRIGGER hold BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION hold()', 'audit_entries'],
  ['both commit', 'took effect once and left one', 1, 'CREATE CONSTRAINT TRIGGER hold AFTER INSERT ON audit_pending DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hold()', 'audit_pending'],
])('killed with -9 when an act is done and before %s, it %s', async (_, __, times, trigger, table) => {
  const admins = new Map<string, Person>();
  const acts: ((base: string) => Promise<unknown>)[] = [];
  for (const [name, { prepare }] of Object.entries(ACTS)) {
    const admin = await world.register();
    admins.set(name, admin);
    acts.push(await prepare(admin));
  }
  const before = await outcomes(admins);
  const service = await ServiceProcess.start(world.env);
  // What Stripe tells is a job, and this instance would do it too.
  await world.instance.app.get(Jobs).beforeApplicationShutdown();
  await world.database.sql(trigger);
  await world.database.sql(`SELECT pg_advisory_lock(${HOLD})`);
  const answers = Promise.allSettled(acts.map(async (act) => act(`${service.base}/api/v1`)));
  await until(async () => (await held()).length === acts.length);
  const backends = await held();
  await service.kill();
  await answers;
  await world.database.sql(`SELECT pg_advisory_unlock(${HOLD})`);
  await until(async () => (await world.database.sql('SELECT 1 FROM pg_stat_activity WHERE pid = ANY($1)', [backends])).length === 0);
  await world.database.sql(`DROP TRIGGER hold ON ${table}`);
  const expected = Object.entries(before).map(([name, { effects, entries }]) => [name, { effects: effects + times, entries: entries + times }]);
  expect(await outcomes(admins)).toEqual(Object.fromEntries(expected));
});
