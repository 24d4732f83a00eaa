import { WRITES_WAIT } from '../audit/waiting.js';
import type { Answer } from '../support/client.js';
import { type Person, World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await world.stop();
});

const told = ({ status, body }: Answer) => [status, body.error];
const REVOKED = [401, 'token_revoked'];

interface Listed {
  readonly id: number;
  readonly current: boolean;
}

async function sessionsOf({ client }: Person): Promise<Listed[]> {
  const { status, body } = await client.get('/auth/sessions');
  expect(status).toBe(200);
  return body.data as Listed[];
}

async function currentOf(person: Person): Promise<number> {
  const current = (await sessionsOf(person)).filter((session) => session.current);
  expect(current).toHaveLength(1);
  return current[0]?.id ?? 0;
}

describe('the list of sessions', () => {
  it("shows this product's, of all organizations there, and which is the present one", async () => {
    const first = await world.register();
    const second = await world.register({ email: first.email });
    await world.register({ email: first.email, product: 'kanzlei' });
    await world.register();
    const { body } = await first.client.with({ 'user-agent': 'Telefon' }).get('/auth/sessions');
    const organization = (id: number) => ({ id, name: expect.any(String), slug: expect.any(String) });
    const session = { id: expect.any(Number), created_at: expect.stringMatching(/Z$/), last_used_at: expect.stringMatching(/Z$/), ip: '127.0.0.1', user_agent: 'node' };
    expect(body).toEqual({
      data: [
        { ...session, current: false, organization: organization(second.organizationId) },
        { ...session, current: true, organization: organization(first.organizationId) },
      ],
      meta: { current_page: 1, per_page: 25, total_pages: 1, total_count: 2 },
    });
  });

  it('leaves out what has ended: logged out, revoked, older than ninety days', async () => {
    const first = await world.register();
    const [out, revoked, old] = [await world.login(first.email), await world.login(first.email), await world.login(first.email)];
    await out.client.post('/auth/logout');
    await first.client.delete(`/auth/sessions/${await currentOf(revoked)}`);
    await world.database.sql('UPDATE sessions SET expires_at = now() WHERE id = $1', [await currentOf(old)]);
    expect((await sessionsOf(first)).map(({ current }) => current)).toEqual([true]);
  });

  it('comes in pages', async () => {
    const first = await world.register();
    for (let session = 0; session < 2; session += 1) await world.login(first.email);
    const { body } = await first.client.get('/auth/sessions?page=2&per_page=2');
    expect([body.data.length, body.meta]).toEqual([1, { current_page: 2, per_page: 2, total_pages: 2, total_count: 3 }]);
  });

  it('moves last_used_at with each refresh', async () => {
    const person = await world.register();
    const lastUsed = async () => (await person.client.get('/auth/sessions')).body.data[0].last_used_at as string;
    const before = await lastUsed();
    world.clock.advance({ minutes: 5 });
    await world.visitor.post('/auth/refresh', { refresh_token: person.refreshToken });
    expect(Date.parse(await lastUsed()) - Date.parse(before)).toBeGreaterThanOrEqual(5 * 60_000);
  });
});

describe('ending sessions', () => {
  it('by logout ends the present one with its tokens, at once and on every instance', async () => {
    const other = await world.anotherInstance();
    const person = await world.register();
    const tablet = await world.login(person.email);
    expect((await person.client.post('/auth/logout')).status).toBe(204);
    for (const base of [world.instance.base, other.base]) {
      expect(told(await person.client.at(`${base}/api/v1`).get('/auth/me'))).toEqual(REVOKED);
      expect(told(await world.stranger.at(base).post('/api/v1/auth/refresh', { refresh_token: person.refreshToken }))).toEqual(REVOKED);
    }
    expect(told(await person.client.post('/auth/logout'))).toEqual(REVOKED);
    expect((await tablet.client.get('/auth/me')).status).toBe(200);
    expect((await world.audited()).at(-1)).toBe('session.ended');
  });

  it('by its id ends one, once', async () => {
    const person = await world.register();
    const lost = await world.login(person.email);
    const id = await currentOf(lost);
    expect((await person.client.delete(`/auth/sessions/${id}`)).status).toBe(204);
    expect(told(await lost.client.get('/auth/me'))).toEqual(REVOKED);
    expect((await person.client.get('/auth/me')).status).toBe(200);
    expect(told(await person.client.delete(`/auth/sessions/${id}`))).toEqual([404, 'not_found']);
    expect((await world.audited()).filter((action) => action === 'session.revoked')).toHaveLength(2);
  });

  it("by another's id is not_found, word for word as for an id that does not exist", async () => {
    const person = await world.register();
    const stranger = await world.register();
    const colleague = await world.member(person);
    const elsewhere = await world.register({ email: person.email, product: 'kanzlei' });
    const ids = [await currentOf(stranger), await currentOf(colleague), await currentOf(elsewhere), 999_999_999];
    const answers = [];
    for (const id of [...ids, '0', '1e3', '18446744073709551616', "1' OR '1'='1"]) {
      const { status, body } = await person.client.delete(`/auth/sessions/${encodeURIComponent(id)}`);
      answers.push([status, { ...body, request_id: '' }]);
    }
    expect(answers).toEqual(answers.map(() => [404, { error: 'not_found', message: expect.any(String), request_id: '' }]));
    for (const { client } of [stranger, colleague, elsewhere]) expect((await client.get('/auth/me')).status).toBe(200);
  });

  it('all but the present one spares other products and other people', async () => {
    const person = await world.register();
    const others = [await world.login(person.email), await world.register({ email: person.email })];
    const spared = [await world.register({ email: person.email, product: 'kanzlei' }), await world.register()];
    expect((await person.client.delete('/auth/sessions')).status).toBe(204);
    for (const { client } of others) expect(told(await client.get('/auth/me'))).toEqual(REVOKED);
    for (const { client } of [person, ...spared]) expect((await client.get('/auth/me')).status).toBe(200);
    expect((await person.client.delete('/auth/sessions')).status).toBe(204);
  });

  it('all but the present one also catches the one that is being opened in this moment', async () => {
    const person = await world.register();
    const thief = await world.login(person.email);
    // Holds the thief's new session between being written and being committed.
    await world.database.sql('BEGIN');
    await world.database.sql('LOCK TABLE audit_entries IN SHARE MODE');
    const switching = thief.client.post('/auth/switch_org', { organization_id: person.organizationId });
    while ((await world.database.sql(WRITES_WAIT)).length === 0) await pause();
    const ending = person.client.delete('/auth/sessions');
    for (let moment = 0; moment < 10; moment += 1) await pause();
    await world.database.sql('COMMIT');
    const { body } = await switching;
    expect((await ending).status).toBe(204);
    expect(told(await thief.client.bearer(body.access_token).get('/auth/me'))).toEqual(REVOKED);
  });
});

const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
