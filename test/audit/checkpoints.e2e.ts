import { createLocalJWKSet, compactVerify, type JSONWebKeySet } from 'jose';
import { Checkpoints } from '#audit';
import { SigningKeys } from '#jwt';
import { verdict } from '../members/invitations.js';
import { type Person, World } from '../support/world.js';
import { checkpoint, happen } from './long-trail.js';

let world: World;
let admin: Person;
beforeAll(async () => {
  world = await World.start();
});
beforeEach(async () => {
  admin = await world.register();
});
afterAll(async () => {
  await world.stop();
});

const publishedKeys = async () => (await world.stranger.get('/.well-known/audit-keys.json')).body as JSONWebKeySet;
/** As anybody checks it who has the checkpoint and the public keys, and nothing else of us. */
const opened = async (jws: string) => {
  const { payload, protectedHeader } = await compactVerify(jws, createLocalJWKSet(await publishedKeys()), { algorithms: ['ES256'] });
  return { header: protectedHeader, claims: JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown> };
};
const verified = async (by = admin) => (await by.client.get('/audit_events/verify')).body;
const listed = async (by = admin) => (await by.client.get('/audit_checkpoints')).body;
const chainOf = ({ organizationId }: Person) => `organization:${organizationId}`;
const tail = async (person: Person) =>
  world.database.sql<{ entry_id: string; hash: string }>('SELECT entry_id, hash FROM audit_seals WHERE chain = $1 ORDER BY chain_position DESC', [chainOf(person)]);
/** Cuts the newest events off, as somebody would who owns the database. */
async function cut(person: Person, count: number): Promise<void> {
  const ids = (await tail(person)).slice(0, count).map(({ entry_id }) => entry_id);
  await world.database.sql('DELETE FROM audit_seals WHERE entry_id = ANY($1)', [ids]);
  await world.database.sql('DELETE FROM audit_entries WHERE id = ANY($1)', [ids]);
}

describe('a checkpoint', () => {
  it('says how the chain stands, signed, and is checked with jose and the public keys alone', async () => {
    const signed = await checkpoint(admin.client);
    const [last] = await tail(admin);
    expect(signed).toEqual({ id: expect.any(Number), events: 2, created_at: expect.stringMatching(/Z$/), jws: expect.any(String) });
    const { header, claims } = await opened(signed.jws);
    expect(header).toEqual({ alg: 'ES256', typ: 'audit-checkpoint+jwt', kid: expect.any(String) });
    expect(claims).toEqual({ iss: 'https://auth.test', iat: expect.any(Number), chain: chainOf(admin), events: 2, last_event_id: Number(last?.entry_id), head: last?.hash });
    const [head, payload, signature] = signed.jws.split('.') as [string, string, string];
    const forged = Buffer.from(JSON.stringify({ ...claims, events: 1 })).toString('base64url');
    await expect(opened(`${head}.${forged}.${signature}`)).rejects.toThrow('signature verification failed');
    expect(payload).not.toBe(forged);
  });

  it('is no bearer, nor any other token', async () => {
    const { jws } = await checkpoint(admin.client);
    expect(verdict(await world.bearer(jws).get('/me'))).toBe('401 invalid_token');
    expect(verdict(await world.visitor.bearer(jws).get('/auth/me'))).toBe('401 invalid_token');
    expect(verdict(await world.bearer(jws).get('/audit_events'))).toBe('401 invalid_token');
    expect(verdict(await world.visitor.post('/auth/refresh', { refresh_token: jws }))).toBe('401 invalid_token');
  });

  it('is listed to its organization’s admins alone, newest first; one that says nothing new is the same', async () => {
    const first = await checkpoint(admin.client);
    expect(await checkpoint(admin.client)).toEqual(first);
    await world.token(admin);
    const second = await checkpoint(admin.client);
    expect(await listed()).toEqual({ data: [second, first], meta: { current_page: 1, per_page: 25, total_pages: 1, total_count: 2 } });
    expect((await listed(await world.register())).data).toEqual([]);
    expect(verdict(await (await world.member(admin)).client.post('/audit_checkpoints'))).toBe('403 forbidden');
  });

  it('comes by itself within an hour of a chain’s moving, and not more often', async () => {
    const checkpoints = world.instance.app.get(Checkpoints);
    await admin.client.get('/audit_events');
    await checkpoints.signDue();
    expect((await listed()).data).toHaveLength(1);
    await world.token(admin);
    await admin.client.get('/audit_events');
    await checkpoints.signDue();
    expect((await listed()).data).toHaveLength(1);
    world.clock.advance({ minutes: 57 });
    await Promise.all([checkpoints.signDue(), checkpoints.signDue()]);
    expect((await listed()).data).toHaveLength(2);
    world.clock.advance({ hours: 5 });
    admin = await world.login(admin.email);
    await admin.client.get('/audit_events');
    await checkpoints.signDue();
    await checkpoints.signDue();
    expect((await listed()).data).toHaveLength(3);
    const chains = await world.database.sql<{ chain: string }>('SELECT DISTINCT chain FROM audit_checkpoints');
    expect(chains.length).toBe((await world.database.sql('SELECT DISTINCT chain FROM audit_seals')).length);
  });

  it('is checked for good, also when its key was rotated away and removed', async () => {
    const { jws } = await checkpoint(admin.client);
    const { header } = await opened(jws);
    const keys = world.instance.app.get(SigningKeys);
    await keys.rotate({ immediately: true });
    await keys.remove(header.kid ?? '');
    admin = await world.login(admin.email);
    expect((await world.stranger.get('/.well-known/jwks.json')).body.keys.map(({ kid }: { kid: string }) => kid)).not.toContain(header.kid);
    expect(JSON.stringify(await publishedKeys())).not.toContain('"d"');
    expect((await opened(jws)).claims['chain']).toBe(chainOf(admin));
    expect((await verified()).valid).toBe(true);
    const next = await checkpoint(admin.client);
    expect((await opened(next.jws)).header.kid).not.toBe(header.kid);
    expect((await verified()).valid).toBe(true);
  });
});

describe('the verifier', () => {
  it('misses a tail that was cut below a checkpoint, and names the last event that is left', async () => {
    await happen(world, admin.organizationId, 20);
    await checkpoint(admin.client);
    await cut(admin, 3);
    const [left] = await tail(admin);
    expect(await verified()).toEqual({ valid: false, first_invalid_id: Number(left?.entry_id), reason: 'truncated' });
    // Others that grow in its place are not those that were signed.
    await happen(world, admin.organizationId, 3);
    await admin.client.get('/audit_events');
    expect(await verified()).toEqual({ valid: false, first_invalid_id: Number((await tail(admin))[0]?.entry_id), reason: 'altered' });
  });

  it('misses a whole chain', async () => {
    await checkpoint(admin.client);
    await cut(admin, 2);
    expect(await verified()).toEqual({ valid: false, first_invalid_id: null, reason: 'truncated' });
  });

  it('cannot prove what was cut behind the last checkpoint: at most an hour', async () => {
    await checkpoint(admin.client);
    await happen(world, admin.organizationId, 5);
    await admin.client.get('/audit_events');
    await cut(admin, 5);
    expect(await verified()).toMatchObject({ valid: true, events: 2 });
  });

  it('lets others have their turn while it checks thousands of checkpoints', async () => {
    const { jws } = await checkpoint(admin.client);
    await world.database.sql('INSERT INTO audit_checkpoints (chain, chain_position, created_at, jws) SELECT $1, n, now(), $2 FROM generate_series(3, 4000) n', [chainOf(admin), jws]);
    // What this thread worked, not what went by: a machine that has others to serve lets it stand for as long as it likes.
    const worked = () => {
      const { user, system } = process.threadCpuUsage();
      return user + system;
    };
    const begun = worked();
    let [last, longest] = [begun, 0];
    const turns = setInterval(() => {
      longest = Math.max(longest, worked() - last);
      last = worked();
    }, 0);
    const verdict = await verified();
    clearInterval(turns);
    expect(verdict).toMatchObject({ valid: false, reason: 'forged_checkpoint' });
    longest = Math.max(longest, worked() - last);
    expect(longest).toBeLessThan((worked() - begun) / 2);
  });

  it('takes nobody’s word for a checkpoint but our keys’', async () => {
    const theirs = await checkpoint((await world.register()).client);
    const { jws } = await checkpoint(admin.client);
    const last = Number((await tail(admin))[0]?.entry_id);
    const say = async (text: string) => world.database.sql('UPDATE audit_checkpoints SET jws = $2 WHERE chain = $1', [chainOf(admin), text]);
    for (const text of ['', 'nonsense', theirs.jws, `${jws.slice(0, -4)}AAAA`, admin.accessToken]) {
      await say(text);
      expect([text, await verified()]).toEqual([text, { valid: false, first_invalid_id: last, reason: 'forged_checkpoint' }]);
    }
    await say(jws);
    expect((await verified()).valid).toBe(true);
    // A key that somebody else wrote beside ours vouches for nothing.
    const before = (await publishedKeys()).keys.length;
    await world.database.sql(`INSERT INTO audit_keys (kid, sealed_public_jwk, first_signed_at) VALUES ('theirs', '\\x01', now())`);
    expect((await publishedKeys()).keys).toHaveLength(before);
  });
});
