import { type Person, World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await world.stop();
});

const refresh = (token: string, base = world.instance.base) => world.stranger.at(base).post('/api/v1/auth/refresh', { refresh_token: token });
const verdict = async (token: string) => {
  const { status, body } = await refresh(token);
  return [status, body.error];
};

/** The person's access tokens, by what the API says to each. */
const opens = async ({ client }: Person) => {
  const { status, body } = await client.get('/auth/me');
  return [status, body.error];
};

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>;
}

describe('refreshing', () => {
  it('gives a new pair of the same session, without the product being named', async () => {
    const person = await world.register();
    const { status, body } = await refresh(person.refreshToken);
    expect([status, body]).toEqual([
      200,
      { access_token: expect.stringMatching(/^eyJ/), refresh_token: expect.stringMatching(/^eyJ/), token_type: 'Bearer', expires_in: 3600 },
    ]);
    const [before, access, next] = [person.refreshToken, body.access_token, body.refresh_token].map(claimsOf);
    expect(access).toMatchObject({ type: 'access', sid: before?.['sid'], sub: before?.['sub'], org: before?.['org'], product: before?.['product'] });
    expect(next).toMatchObject({ type: 'refresh', sid: before?.['sid'] });
    expect(next?.['jti']).not.toBe(before?.['jti']);
    expect((await person.client.bearer(body.access_token).get('/auth/me')).status).toBe(200);
    expect(await actsOn(person)).toEqual([['session.started', {}], ['session.refreshed', {}]]);
  });

  it('answers a repeat within ten seconds with the very same bytes', async () => {
    const { refreshToken } = await world.register();
    const first = await world.clock.standing(async () => {
      const answer = await rawRefresh(refreshToken);
      world.clock.advance({ seconds: 10 });
      expect(await rawRefresh(refreshToken)).toBe(answer);
      return answer;
    });
    expect(await verdict((JSON.parse(first) as { refresh_token: string }).refresh_token)).toEqual([200, undefined]);
  });

  it('takes a repeat after ten seconds for theft: both branches end, with their access tokens, and the trail says why', async () => {
    const person = await world.register();
    const { body: rightful } = await refresh(person.refreshToken);
    world.clock.advance({ seconds: 11 });
    expect(await verdict(person.refreshToken)).toEqual([401, 'token_revoked']);
    expect(await verdict(rightful.refresh_token)).toEqual([401, 'token_revoked']);
    expect(await opens(person)).toEqual([401, 'token_revoked']);
    expect(await opens({ ...person, client: person.client.bearer(rightful.access_token) })).toEqual([401, 'token_revoked']);
    expect((await actsOn(person)).at(-1)).toEqual(['session.revoked', { reason: 'refresh_token_reuse' }]);
  });

  it('takes a grandparent for theft at once, also inside the grace', async () => {
    const person = await world.register();
    const { body: child } = await refresh(person.refreshToken);
    const { body: grandchild } = await refresh(child.refresh_token);
    expect(await verdict(person.refreshToken)).toEqual([401, 'token_revoked']);
    expect(await verdict(grandchild.refresh_token)).toEqual([401, 'token_revoked']);
  });

  it('records a theft once, however often the stolen token comes', async () => {
    const person = await world.register();
    await refresh(person.refreshToken);
    world.clock.advance({ seconds: 11 });
    await Promise.all(Array.from({ length: 10 }, () => refresh(person.refreshToken)));
    expect((await actsOn(person)).filter(([action]) => action === 'session.revoked')).toHaveLength(1);
  });

  it('gives fifty at once with one token the same successor, and the session lives on', async () => {
    const { refreshToken } = await world.register();
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(refreshToken)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const successors = new Set(answers.map(({ body }) => body.refresh_token as string));
    expect(successors.size).toBe(1);
    for (const successor of successors) expect(await verdict(successor)).toEqual([200, undefined]);
  });

  it('lives no longer than ninety days, however often it is refreshed', async () => {
    const person = await world.register();
    await world.database.sql(`UPDATE subscriptions SET status = 'active' WHERE organization_id = $1`, [person.organizationId]);
    let token = person.refreshToken;
    for (const days of [29, 29, 29]) {
      world.clock.advance({ days });
      const { status, body } = await refresh(token);
      expect(status).toBe(200);
      token = body.refresh_token;
    }
    const end = Number(claimsOf(person.refreshToken)['iat']) + 90 * 86_400;
    expect(claimsOf(token)['exp']).toBe(end);
    world.clock.advance({ days: 2, hours: 23, minutes: 50 });
    const last = await refresh(token);
    expect(last.body.expires_in).toBeLessThanOrEqual(600);
    expect(claimsOf(last.body.access_token)['exp']).toBe(end);
    world.clock.advance({ minutes: 10 });
    expect(await verdict(last.body.refresh_token)).toEqual([401, 'token_expired']);
    expect(await opens({ ...person, client: person.client.bearer(last.body.access_token) })).toEqual([401, 'token_expired']);
  });
});

/** What the trail says of the person's sessions, oldest first. */
async function actsOn({ refreshToken }: Person): Promise<[string, object][]> {
  const rows = await world.database.sql<{ action: string; metadata: object }>(
    `SELECT action, metadata FROM audit_entries WHERE target_type = 'session' AND target_id = $1 ORDER BY id`,
    [String(claimsOf(refreshToken)['sid'])],
  );
  return rows.map(({ action, metadata }) => [action, metadata]);
}

async function rawRefresh(token: string): Promise<string> {
  const answer = await fetch(`${world.instance.base}/api/v1/auth/refresh`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refresh_token: token }),
  });
  return answer.text();
}
