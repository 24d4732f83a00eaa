import { settled } from '../audit/trail.js';
import { OPEN } from '../edge/open-routes.js';
import { installed } from '../extensions/installation.js';
import type { Answer, Client } from '../support/client.js';
import { World } from '../support/world.js';
import { BY_KEY, ENTRIES, type Entry } from './entries.js';
import { type Household, household, KEY } from './fixture.js';
import { routeTable } from './route-table.js';

// Some eighty households are built, and called upon by every route.
jest.setTimeout(300_000);

type Method = Parameters<Client['send']>[0];

const FULL_PLAN = JSON.stringify(['issues', 'projects', 'comments', 'workflows', 'analytics', 'users', 'notifications']);

/** Houses take their time to be built. */
const OPENED_AT_ONCE = 4;

let world: World;
let victim: Household;
let made = 0;
beforeAll(async () => {
  world = await World.start();
  await world.database.sql(`UPDATE products SET plans = jsonb_set(plans, ARRAY[trial_plan, 'scopes'], $1::jsonb) || '{}' WHERE slug IN ('spravce-gdpr', 'kanzlei')`, [FULL_PLAN]);
  await world.database.sql(`UPDATE products SET plans = jsonb_set(plans, ARRAY[trial_plan, 'limits'], '{}') WHERE slug IN ('spravce-gdpr', 'kanzlei')`);
  victim = await household(world, 'spravce-gdpr', 'victim');
});
afterAll(async () => {
  await world.stop();
});

const fresh = async (product = 'spravce-gdpr') => household(world, product, `house${(made += 1)}`);
const entries = (): [string, Entry][] => Object.entries(ENTRIES);

async function call(client: Client, route: string, entry: Entry, of: Household): Promise<Answer> {
  const [method = '', path = ''] = route.split(' ');
  const params = [...(entry.params?.(of) ?? [])];
  const filled = path.replace(/:\w+/g, () => String(params.shift()));
  const query = entry.query === undefined ? '' : `?${entry.query(of)}`;
  return client.send(method as Method, filled.replace('/api/v1', '') + query, entry.body?.(of));
}

/** All that the household has, but for when it was used last. */
async function belongings({ admin: { organizationId } }: Household): Promise<unknown> {
  const tables = ['projects', 'milestones', 'issues', 'comments', 'memberships', 'workspace_tokens', 'workflows', 'sessions', 'retired_project_keys', 'oauth_applications', 'extensions', 'notifications', 'inboxes', 'security_alerts', 'security_alert_settings'];
  const rows = tables.map((table) => `SELECT '${table}' AS of, to_jsonb(t) - 'last_used_at' - 'last_used_ip' AS row FROM ${table} t WHERE organization_id = $1`);
  rows.push(`SELECT 'oauth_secrets', to_jsonb(s) - 'last_used_at' FROM oauth_secrets s JOIN oauth_applications a ON a.id = s.application_id WHERE a.organization_id = $1`);
  rows.push(`SELECT 'extension_keys', to_jsonb(k) - 'last_used_at' FROM extension_keys k JOIN extensions e ON e.id = k.installation_id WHERE e.organization_id = $1`);
  rows.push(`SELECT 'extension_secrets', to_jsonb(s) FROM extension_secrets s JOIN extensions e ON e.id = s.installation_id WHERE e.organization_id = $1`);
  return world.database.sql(`SELECT * FROM (${rows.join(' UNION ALL ')}) t ORDER BY of, row`, [organizationId]);
}

describe('the table of entries', () => {
  it('holds every route that asks for a credential, and no other', () => {
    const open = new Set(OPEN);
    expect(Object.keys(ENTRIES).sort()).toEqual(routeTable(world).filter((route) => !open.has(route)).sort());
  });
});

describe('a household’s own admin on a full plan', () => {
  it('opens every authenticated route, and sees what is there', async () => {
    const home = await fresh();
    const waiting = entries();
    const openNext = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [route, entry] = next;
        // What changes something is called in a house of its own.
        const house = route.startsWith('GET ') ? home : await fresh();
        const { status, body } = await call(house.admin.client, route, entry, house);
        expect([route, status, body]).toEqual([route, entry.own, expect.anything()]);
      }
    };
    await Promise.all(Array.from({ length: OPENED_AT_ONCE }, openNext));
  });

  it('by a full-access token too, but for what only people have', async () => {
    const home = await fresh();
    for (const [route, entry] of entries().filter(([route, { peopleOnly }]) => route.startsWith('GET ') || peopleOnly === true)) {
      const { status } = await call(home.token.client, route, entry, home);
      expect([route, status]).toEqual([route, entry.peopleOnly === true ? 403 : entry.own]);
    }
  });

  it('finds the rows of the mark: what strangers are denied is there to be seen', async () => {
    const home = await fresh();
    for (const [, path] of BY_KEY) expect(JSON.stringify((await home.admin.client.get(path(home).replace('/api/v1', ''))).body)).toContain(home.mark);
    const seen = await Promise.all(entries().filter(([route]) => route.startsWith('GET ')).map(async ([route, entry]) => [route, JSON.stringify((await call(home.admin.client, route, entry, home)).body)] as const));
    const silent = seen.filter(([, text]) => !text.includes(home.mark)).map(([route]) => route.replace('/ext/', '/'));
    // Figures, schemas, keys of secrets and the like name nobody.
    expect([...new Set(silent)].sort()).toEqual([
      'GET /api/v1/analytics/usage', 'GET /api/v1/audit_checkpoints', 'GET /api/v1/audit_events/verify', 'GET /api/v1/billing/plans', 'GET /api/v1/billing/subscription', 'GET /api/v1/extensions/:id/secrets', 'GET /api/v1/issue_schema', 'GET /api/v1/issues/schema', 'GET /api/v1/notification_preferences', 'GET /api/v1/notifications/unread_count', 'GET /api/v1/projects/:id/issue_schema',
      'GET /api/v1/rate_limit', 'GET /api/v1/scopes', 'GET /api/v1/workflows', 'GET /api/v1/workflows/:id',
    ]);
  });
});

describe.each<[string, string, (house: Household) => Client]>([
  ['another organization’s admin', 'spravce-gdpr', ({ admin }) => admin.client],
  ['another organization’s full-access token', 'spravce-gdpr', ({ token }) => token.client],
  ['another organization’s application', 'spravce-gdpr', ({ machine }) => machine],
  ['another product’s admin', 'kanzlei', ({ admin }) => admin.client],
  ['another product’s application', 'kanzlei', ({ machine }) => machine],
  ['another product’s full-access token', 'kanzlei', ({ token }) => token.client],
])('%s', (_, product, credential) => {
  let house: Household;
  let before: unknown;
  beforeAll(async () => {
    house = await fresh(product);
    await settled(world);
    before = await belongings(victim);
  });

  it('neither reaches, changes nor sees anything of the household, by any route', async () => {
    const isPerson = credential(house) === house.admin.client;
    const isApplication = credential(house) === house.machine;
    for (const [route, entry] of entries()) {
      if (endsOwnSession(route)) continue;
      const { status, body } = await call(credential(house), route, entry, victim);
      const isShut = (!isPerson && entry.peopleOnly === true) || (isApplication && entry.notByApplications === true);
      const expected = isShut ? 403 : { absent: 404, refused: 422, own: entry.own }[entry.stranger];
      expect([route, status]).toEqual([route, expected]);
      expect([route, JSON.stringify(body)]).toEqual([route, expect.not.stringContaining(victim.mark)]);
    }
  });

  it('finds nothing of it by key, filter or search, and counts only what is their own', async () => {
    for (const [, path] of BY_KEY) {
      const { status, body } = await credential(house).get(path(victim).replace('/api/v1', ''));
      expect(JSON.stringify(body)).not.toContain(victim.mark);
      // By a filter there is nothing; by a key, what the stranger calls so themselves.
      if (path(victim).includes('?')) expect([path(victim), status, body.meta.total_count]).toEqual([path(victim), 200, 0]);
    }
    const { body } = await credential(house).get('/issues');
    expect(body.meta.total_count).toBe((await world.database.sql('SELECT 1 FROM issues WHERE organization_id = $1', [house.admin.organizationId])).length);
  });

  it('leaves the household as it was', async () => {
    expect(await belongings(victim)).toEqual(before);
  });
});

describe('an extension of another project of the same organization', () => {
  const PROJECT_ROUTE = /\/(?:projects|issues)(?:\/|$)/;
  let bound: Client;
  let own: { projectId: number; issueId: number };
  beforeAll(async () => {
    const { client } = victim.admin;
    const project = (await client.post('/projects', { project: { name: 'Elsewhere', project_key: 'ELSE' } })).body.id as number;
    const issue = (await client.post('/issues', { issue: { project_id: project, title: 'Elsewhere' } })).body.id as number;
    own = { projectId: project, issueId: issue };
    // The same extension as the household's own, with all that any may have.
    const permissions = ['issues', 'projects', 'comments', 'workflows', 'users:read', 'notifications:write'];
    bound = (await installed(world, victim.admin, project, { permissions })).client;
  });

  it('sees its own project', async () => {
    expect((await bound.get(`/projects/${own.projectId}`)).body.name).toBe('Elsewhere');
    expect((await bound.get('/projects')).body.meta.total_count).toBe(1);
    expect((await bound.get('/issues')).body.data.map(({ id }: { id: number }) => id)).toEqual([own.issueId]);
  });

  it('reaches nothing of the other, by any route, key, filter, search or count', async () => {
    await settled(world);
    const before = await belongings(victim);
    for (const [route, entry] of entries().filter(([route]) => PROJECT_ROUTE.test(route))) {
      const { status, body } = await call(bound, route, entry, victim);
      const expected = /^POST .*\/projects$|^DELETE .*\/projects\/:id$/.test(route) ? 403 : { absent: 404, refused: 422, own: 200 }[entry.stranger];
      expect([route, status]).toEqual([route, expected]);
      expect(JSON.stringify(body)).not.toContain(victim.mark);
    }
    for (const [, path] of BY_KEY) {
      const { body } = await bound.get(path(victim).replace('/api/v1', ''));
      expect(JSON.stringify(body)).not.toContain(victim.mark);
      if (path(victim).includes('?')) expect([path(victim), body.meta.total_count]).toEqual([path(victim), 0]);
    }
    expect(await belongings(victim)).toEqual(before);
  });

  it('has of the organization what any extension has, and no more', async () => {
    for (const [route, entry] of entries().filter(([route]) => !PROJECT_ROUTE.test(route))) {
      const { status } = await call(bound, route, entry, victim);
      expect([route, status]).toEqual([route, entry.byExtension ?? 403]);
    }
  });

  it('moves nothing of its own into it, and takes nothing from it', async () => {
    const issue = (facts: object) => bound.patch(`/issues/${own.issueId}`, { issue: facts });
    expect((await issue({ parent_id: victim.issueId })).status).toBe(422);
    expect((await issue({ parent_key: `${KEY}-1` })).status).toBe(422);
    expect((await issue({ milestone_id: victim.milestoneId })).status).toBe(422);
    expect((await bound.post('/issues', { issue: { project_key: KEY, title: 'X' } })).status).toBe(404);
    expect((await bound.delete(`/projects/${own.projectId}`)).status).toBe(403);
  });
});

/** A stranger's own session is needed to the end. */
function endsOwnSession(route: string): boolean {
  return route === 'POST /api/v1/auth/logout' || route === 'DELETE /api/v1/auth/sessions';
}
