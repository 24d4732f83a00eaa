import type { Answer } from '../support/client.js';
import { type Person, RESOURCE_METADATA, World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await world.stop();
});

/** What a refusal looks like, its code, its sentence and its id apart. */
function shape({ status, body, headers }: Answer): unknown {
  const { error, message, request_id: id, ...rest } = body;
  const names = [...headers.keys()].filter((name) => !['date', 'content-length', 'connection', 'keep-alive'].includes(name)).sort();
  return { status, texts: [typeof error, typeof message, typeof id], rest, names, challenge: headers.get('www-authenticate')?.replace(/error_description="\w+"/, '') };
}

type Case = [string, (person: Person) => Promise<string>, string];

const unseal = (part: string): Record<string, unknown> => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
const seal = (claims: object): string => Buffer.from(JSON.stringify(claims)).toString('base64url');

/** A token of another person's, made out of one's own. */
function forge(token: string, change: (claims: Record<string, unknown>) => object): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  return [header, seal(change(unseal(payload))), signature].join('.');
}

const forged: Case[] = [
  ['of another user', async ({ accessToken }) => forge(accessToken, (claims) => ({ ...claims, sub: `${Number(claims['sub']) + 1}` })), 'invalid_token'],
  ['of another organization', async ({ accessToken }) => forge(accessToken, (claims) => ({ ...claims, org: Number(claims['org']) + 1 })), 'invalid_token'],
  ['of more scopes', async ({ accessToken }) => forge(accessToken, (claims) => ({ ...claims, scopes: ['admin'] })), 'invalid_token'],
  ['of a longer life', async ({ accessToken }) => forge(accessToken, (claims) => ({ ...claims, exp: 9_999_999_999 })), 'invalid_token'],
  ['of a life that is over', async ({ accessToken }) => forge(accessToken, (claims) => ({ ...claims, exp: 1 })), 'invalid_token'],
  ['of a session that has ended', async ({ accessToken, client }) => {
    await client.post('/auth/logout');
    return forge(accessToken, (claims) => ({ ...claims, jti: 'x' }));
  }, 'invalid_token'],
];

const genuine: Case[] = [
  ['that has expired', async ({ accessToken }) => {
    world.clock.advance({ hours: 1, seconds: 1 });
    return accessToken;
  }, 'token_expired'],
  ['that was revoked', async ({ accessToken, client }) => {
    await client.post('/auth/logout');
    return accessToken;
  }, 'token_revoked'],
  ['that was revoked and has expired', async ({ accessToken, client }) => {
    await client.post('/auth/logout');
    world.clock.advance({ hours: 1, seconds: 1 });
    return accessToken;
  }, 'token_revoked'],
  ['of the other type', async ({ refreshToken }) => refreshToken, 'invalid_token_type'],
];

const noToken: Case[] = [
  ['that is no token', async () => 'abc', 'invalid_token'],
  ['of 4,000 characters', async () => 'x'.repeat(4_000), 'invalid_token'],
  ['with an empty signature', async ({ accessToken }) => accessToken.replace(/[^.]*$/, ''), 'invalid_token'],
];

describe('a bearer token', () => {
  it.each([...forged, ...genuine, ...noToken])('%s gets the same answer as any other bad one, but for its code', async (_, make, code) => {
    const person = await world.register();
    const reference = shape(await world.visitor.bearer('klt_nothing').get('/auth/me'));
    const answer = await world.visitor.bearer(await make(person)).get('/auth/me');
    expect(answer.body.error).toBe(code);
    expect(answer.headers.get('www-authenticate')).toBe(`Bearer realm="kiket", error="invalid_token", error_description="${code}"${RESOURCE_METADATA}`);
    expect(shape(answer)).toEqual(reference);
  });

  it('tells in its message no more than its code, in the language that is asked for', async () => {
    const sentences = new Map<string, Set<string>>();
    for (const [, make] of [...forged, ...genuine, ...noToken]) {
      const { body } = await world.visitor.with({ 'accept-language': 'en' }).bearer(await make(await world.register())).get('/auth/me');
      sentences.set(body.error, (sentences.get(body.error) ?? new Set()).add(body.message));
    }
    expect([...sentences.values()].map(({ size }) => size)).toEqual([...sentences.keys()].map(() => 1));
  });
});

describe('a refresh token', () => {
  const asRefresh = (make: Case[1]) => (person: Person) => make({ ...person, accessToken: person.refreshToken, refreshToken: person.accessToken });
  const expired: Case = ['that has expired', async ({ refreshToken }) => {
    world.clock.advance({ days: 30, seconds: 1 });
    return refreshToken;
  }, 'token_expired'];
  const cases = [...forged, ...genuine.slice(1, 2), genuine[3] as Case, ...noToken].map(([what, make, code]): Case => [what, asRefresh(make), code]);

  it.each([...cases, expired])('%s gets the same answer as any other bad one, but for its code', async (_, make, code) => {
    const person = await world.register();
    const refresh = (token: string) => world.visitor.post('/auth/refresh', { refresh_token: token });
    const reference = shape(await refresh('klt_nothing'));
    const answer = await refresh(await make(person));
    expect(answer.body.error).toBe(code);
    expect(shape(answer)).toEqual(reference);
  });
});
