import { Traffic } from '#access';
import { eventually } from '../audit/trail.js';
import { verdict } from '../members/invitations.js';
import type { Client } from '../support/client.js';
import { type Instance, type Person, type Token, World } from '../support/world.js';
import { faults } from '../workspace/faults.js';

const TOKENS = '/workspace_api_tokens';
/** Half of what the time of a use may be wrong by. */
const MOST_OFF_MS = 5_000;
const ROUND_MS = 5_000;

let world: World;
let other: Instance;
let admin: Person;
beforeAll(async () => {
  // Each request can say from where it comes.
  world = await World.start({ env: { TRUST_PROXY: '127.0.0.1' } });
  other = await world.anotherInstance();
  admin = await world.register();
});
afterAll(async () => {
  await world.stop();
});

const flush = async ({ app }: Instance = world.instance) => app.get(Traffic, { strict: false }).flush();
const from = (client: Client, ip: string) => client.with({ 'x-forwarded-for': ip });
const endsIn = (seconds: number) => new Date(world.clock.now().getTime() + seconds * 1000).toISOString();

interface LastUse {
  readonly at: number | null;
  readonly ip: string | null;
}

const NEVER: LastUse = { at: null, ip: null };

async function lastUses(tokens: readonly Pick<Token, 'id'>[]): Promise<LastUse[]> {
  const rows = await world.database.sql<{ at: Date | null; ip: string | null }>('SELECT last_used_at AS at, last_used_ip AS ip FROM workspace_tokens WHERE id = ANY($1)', [tokens.map(({ id }) => id)]);
  return rows.map(({ at, ip }) => ({ at: at?.getTime() ?? null, ip }));
}

async function lastUse(token: Pick<Token, 'id'>): Promise<LastUse> {
  return (await lastUses([token]))[0] ?? NEVER;
}

/** When a call was made, at the earliest and at the latest. */
async function timed(call: () => Promise<unknown>): Promise<(at: number | null) => boolean> {
  const [before, , after] = [world.clock.now().getTime(), await call(), world.clock.now().getTime()];
  // The instance's clock and the database's are compared by a statement, which may have to wait for its turn.
  return (at) => at !== null && at >= before - MOST_OFF_MS && at <= after + MOST_OFF_MS;
}

describe('the last use of a token', () => {
  it('is told within ten seconds, without being asked for', async () => {
    const token = await world.token(admin);
    const within = await timed(async () => from(token.client, '203.0.113.7').get('/issues'));
    await eventually(async () => (await admin.client.get(`${TOKENS}/${token.id}`)).body.last_used_at !== null, 10);
    const { body } = await admin.client.get(`${TOKENS}/${token.id}`);
    expect([within(Date.parse(body.last_used_at)), body.last_used_ip]).toEqual([true, '203.0.113.7']);
    const { data } = (await admin.client.get(`${TOKENS}?sort=last_used_at&order=desc&per_page=1`)).body;
    expect([data[0].id, data[0].last_used_at, data[0].last_used_ip]).toEqual([token.id, body.last_used_at, body.last_used_ip]);
  });

  it('is that of the latest request, also of one that was refused', async () => {
    const token = await world.token(admin, { scopes: ['issues:read'] });
    for (const [path, ip] of [['/issues', '203.0.113.1'], ['/projects', '203.0.113.2'], ['/issues/999999', '2001:db8::7']] as const) {
      const within = await timed(async () => from(token.client, ip).get(path));
      await flush();
      const { at, ip: seen } = await lastUse(token);
      expect([path, within(at), seen]).toEqual([path, true, ip]);
    }
  });

  it('is none of a request by a secret that is dead, or under another product’s name', async () => {
    const [revoked, rotated, elsewhere] = [await world.token(admin), await world.token(admin), await world.token(admin)];
    await admin.client.delete(`${TOKENS}/${revoked.id}`);
    await admin.client.post(`${TOKENS}/${rotated.id}/rotate`);
    for (const { client } of [revoked, rotated]) expect(verdict(await client.get('/issues'))).toBe('401 token_revoked');
    expect(verdict(await elsewhere.client.product('kanzlei').get('/issues'))).toBe('401 invalid_token');
    await flush();
    expect(await lastUses([revoked, rotated, elsewhere])).toEqual([NEVER, NEVER, NEVER]);
  });

  it('costs a hundred requests by ten tokens no statement each', async () => {
    await flush();
    await world.database.sql(`
      CREATE TABLE writes (at timestamptz DEFAULT clock_timestamp());
      CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO writes DEFAULT VALUES; RETURN NULL; END';
      CREATE TRIGGER note AFTER UPDATE ON workspace_tokens FOR EACH STATEMENT EXECUTE FUNCTION note()`);
    const tokens = await Promise.all(Array.from({ length: 10 }, async () => world.token(admin)));
    const { xmin: before } = await version(tokens[0]);
    const begun = performance.now();
    await Promise.all(tokens.flatMap(({ client }) => Array.from({ length: 10 }, async () => client.get('/issues'))));
    await flush();
    const [written] = await world.database.sql<{ count: string }>('SELECT count(*) FROM writes');
    await world.database.sql('DROP TRIGGER note ON workspace_tokens');
    expect((await version(tokens[0])).xmin).not.toBe(before);
    expect((await lastUses(tokens)).map(({ at }) => at !== null)).toEqual(tokens.map(() => true));
    // Ours, and that of each round which may have come in between.
    expect(Number(written?.count)).toBeGreaterThanOrEqual(1);
    expect(Number(written?.count)).toBeLessThanOrEqual(2 + (performance.now() - begun) / ROUND_MS);
  });

  it('writes nothing where nothing was used', async () => {
    const token = await world.token(admin);
    await token.client.get('/issues');
    await flush();
    const before = await version(token);
    await flush();
    expect(await version(token)).toEqual(before);
  });

  it('is not moved back by an instance that tells later what it saw earlier', async () => {
    const token = await world.token(admin);
    await from(token.client, '203.0.113.1').get('/issues');
    world.clock.advance({ minutes: 1 });
    const within = await timed(async () => from(token.client, '203.0.113.2').at(`${other.base}/api/v1`).get('/issues'));
    await flush(other);
    await flush();
    const { at, ip } = await lastUse(token);
    expect([within(at), ip]).toEqual([true, '203.0.113.2']);
  });

  it('outlasts an outage of the database, and is then told as it was', async () => {
    const waits = () => world.logs.filter((line) => line.includes('what was seen of the traffic waits')).length;
    let token = await world.token(admin);
    let within = await timed(async () => from(token.client, '203.0.113.9').get('/issues'));
    const before = waits();
    // Until it is seen between two rounds of the service's own: such a round may write it just before the outage.
    for (;;) {
      await world.database.outage(async () => flush());
      if (waits() > before && (await lastUse(token)).at === null) break;
      token = await world.token(admin);
      within = await timed(async () => from(token.client, '203.0.113.9').get('/issues'));
    }
    world.clock.advance({ minutes: 1 });
    await eventually(async () => {
      await flush();
      return (await lastUse(token)).at !== null;
    });
    const { at, ip } = await lastUse(token);
    expect([within(at), ip]).toEqual([true, '203.0.113.9']);
  });

  it('is written when an instance stops', async () => {
    const token = await world.token(admin);
    const third = await world.anotherInstance();
    const within = await timed(async () => from(token.client, '203.0.113.3').at(`${third.base}/api/v1`).get('/issues'));
    await third.app.close();
    const { at, ip } = await lastUse(token);
    expect([within(at), ip]).toEqual([true, '203.0.113.3']);
  });
});

/** Which transaction wrote the row as it is now. */
async function version(token: Token | undefined): Promise<{ xmin: string }> {
  const [row] = await world.database.sql<{ xmin: string }>('SELECT xmin::text FROM workspace_tokens WHERE id = $1', [token?.id]);
  return { xmin: row?.xmin ?? '' };
}

describe('the list of tokens', () => {
  let keeper: Person;
  let named: Record<'active' | 'ending' | 'expired' | 'revoked' | 'orphan', number>;
  beforeAll(async () => {
    keeper = await world.register();
    const leaving = await world.member(keeper, 'admin');
    const made = async (name: string, expires_at: string | null = null, by: Person = keeper) => (await world.token(by, { name, expires_at, scopes: ['issues:read'] })).id;
    named = {
      expired: await made('expired', endsIn(60)), revoked: await made('revoked', endsIn(60)), orphan: await made('orphan', null, leaving), ending: await made('ending', '2098-01-01T00:00:00Z'), active: await made('active'),
    };
    await keeper.client.delete(`${TOKENS}/${named.revoked}`);
    await keeper.client.delete(`/users/${leaving.id}`);
    world.clock.advance({ minutes: 2 });
  });

  const names = async (query = '') => {
    const { status, body } = await keeper.client.get(`${TOKENS}${query}`);
    return status === 200 ? (body.data as { name: string }[]).map(({ name }) => name).join(' ') : faults({ status, body, headers: new Headers() });
  };

  it.each([
    ['', 'active ending orphan revoked expired'],
    ['?status=active', 'active ending'],
    ['?status=expired', 'expired'],
    ['?status=revoked', 'orphan revoked'],
    ['?sort=name', 'active ending expired orphan revoked'],
    ['?sort=name&order=asc', 'active ending expired orphan revoked'],
    ['?sort=name&order=desc', 'revoked orphan expired ending active'],
    ['?sort=created_at', 'expired revoked orphan ending active'],
    ['?sort=created_at&order=desc', 'active ending orphan revoked expired'],
    ['?sort=expires_at&order=desc&status=active', 'ending active'],
    ['?sort=expires_at&status=active', 'active ending'],
    ['?sort=name&per_page=2', 'active ending'],
    ['?sort=name&per_page=2&page=3', 'revoked'],
    ['?sort=name&per_page=2&page=4', ''],
    ['?unused_for_days=0&status=active', 'active ending'],
    ['?unused_for_days=1', ''],
  ])('%s shows %j', async (query, shown) => {
    expect(await names(query)).toBe(shown);
  });

  it.each([
    ['?status=', '422 status:not_in_list'],
    ['?status=dead', '422 status:not_in_list'],
    ['?status=active,revoked', '422 status:not_in_list'],
    ['?unused_for_days=', '422 unused_for_days:not_a_number'],
    ['?unused_for_days=-1', '422 unused_for_days:not_a_number'],
    ['?unused_for_days=1.5', '422 unused_for_days:not_a_number'],
    ['?unused_for_days=1e3', '422 unused_for_days:not_a_number'],
    ['?unused_for_days=36501', '422 unused_for_days:too_large'],
    ["?unused_for_days=1'--", '422 unused_for_days:not_a_number'],
    ['?sort=digest', '422 sort:not_in_list'],
    ['?sort=id', '422 sort:not_in_list'],
    ['?sort=name;drop table users', '422 sort:not_in_list'],
    ['?sort=NAME', '422 sort:not_in_list'],
    ['?sort=toString', '422 sort:not_in_list'],
    ['?sort=', '422 sort:not_in_list'],
    ['?order=sideways', '422 order:not_in_list'],
    ['?order=DESC', '422 order:not_in_list'],
    ['?sort=name&order=desc;--', '422 order:not_in_list'],
    ['?cursor=eyJpZCI6MX0', '422 cursor:unexpected'],
    ['?page=0', '422 page:invalid'],
    ['?page=-1', '422 page:invalid'],
    ['?page=x', '422 page:invalid'],
    ['?per_page=0', '422 per_page:invalid'],
    ['?per_page=1.5', '422 per_page:invalid'],
    ['?status=active&status=revoked', '400'],
    ['?status[]=active', '400'],
  ])('%s is refused', async (query, refusal) => {
    expect(await names(query)).toBe(refusal);
  });

  it('tells how many there are, of those that fit', async () => {
    expect((await keeper.client.get(TOKENS)).body.meta).toEqual({ current_page: 1, per_page: 25, total_pages: 1, total_count: 5 });
    expect((await keeper.client.get(`${TOKENS}?status=active&per_page=1&page=2`)).body.meta).toEqual({ current_page: 2, per_page: 1, total_pages: 2, total_count: 2 });
    expect((await keeper.client.get(`${TOKENS}?per_page=1000`)).body.meta.per_page).toBe(100);
  });

  it('tells of each what became of it, as it is told alone', async () => {
    const { data } = (await keeper.client.get(`${TOKENS}?sort=name`)).body;
    expect(data.map(({ name, status, revoked_at: at }: Record<string, unknown>) => [name, status, at !== null])).toEqual([
      ['active', 'active', false], ['ending', 'active', false], ['expired', 'expired', false], ['orphan', 'revoked', true], ['revoked', 'revoked', true],
    ]);
    for (const one of data) expect((await keeper.client.get(`${TOKENS}/${one.id}`)).body).toEqual(one);
  });

  it('finds what was not used for so many days, or was never used since it was made', async () => {
    const { client } = keeper;
    const used = await world.token(keeper, { name: 'used' });
    await used.client.get('/issues');
    await flush();
    world.clock.advance({ days: 3 });
    const fresh = await world.login(keeper.email);
    const shown = async (days: number) => ((await fresh.client.get(`${TOKENS}?status=active&sort=name&unused_for_days=${days}`)).body.data as { name: string }[]).map(({ name }) => name);
    await world.token(fresh, { name: 'new' });
    expect(await shown(4)).toEqual([]);
    expect(await shown(3)).toEqual(['active', 'ending', 'used']);
    await used.client.get('/issues');
    await flush();
    expect(await shown(3)).toEqual(['active', 'ending']);
    expect(await shown(0)).toEqual(['active', 'ending', 'new', 'used']);
    expect(verdict(await client.get(TOKENS))).toBe('401 token_expired');
  });
});

describe('another organization’s token', () => {
  it('is not there: neither alone, nor renamed, rotated or ended, nor in a list or a count', async () => {
    const [owner, stranger] = [await world.register(), await world.register()];
    const [token, theirs] = [await world.token(owner, { name: 'Ours' }), await world.token(stranger, { name: 'Theirs' })];
    const row = async () => world.database.sql('SELECT t.*, s.digest, s.ends_at FROM workspace_tokens t JOIN workspace_token_secrets s ON s.token_id = t.id WHERE t.id = $1', [token.id]);
    const before = await row();
    for (const id of [String(token.id), '999999999', '0', '-1', `${token.id}abc`, `0x${token.id.toString(16)}`, `${token.id}.0`, '18446744073709551616', '9007199254740993', '1;DROP TABLE users', '%00']) {
      for (const { client } of [stranger, theirs]) {
        const path = `${TOKENS}/${encodeURIComponent(id).replace('%2500', '%00')}`;
        const answers = [await client.get(path), await client.patch(path, { name: 'Mine' }), await client.post(`${path}/rotate`, {}), await client.delete(path)];
        expect([id, ...answers.map(verdict)]).toEqual([id, ...answers.map(() => '404 not_found')]);
      }
    }
    expect(await row()).toEqual(before);
    for (const { client } of [stranger, theirs]) {
      const { data, meta } = (await client.get(TOKENS)).body;
      expect([data.map(({ name }: { name: string }) => name), meta.total_count]).toEqual([['Theirs'], 1]);
    }
  });
});
