import { readFileSync } from 'node:fs';
import { eventually } from '../audit/trail.js';
import type { Answer, Client } from '../support/client.js';
import { PASSWORD, type Person, World } from '../support/world.js';

let world: World;
let person: Person;
beforeAll(async () => {
  world = await World.start();
  person = await world.register();
});
afterAll(async () => {
  await world.stop();
});

/** Everything that asks the database whether somebody may. */
const ASKING: readonly [string, (person: Person, visitor: Client) => Promise<Answer>][] = [
  ['me', ({ client }) => client.get('/auth/me')],
  ['sessions', ({ client }) => client.get('/auth/sessions')],
  ['a change of name', ({ client }) => client.put('/auth/me', { name: 'Jan' })],
  ['logout', ({ client }) => client.post('/auth/logout')],
  ['the end of other sessions', ({ client }) => client.delete('/auth/sessions')],
  ['an invitation', ({ client, email }) => client.post('/users', { user: { email, name: 'X', role: 'member' } })],
  ['refresh', ({ refreshToken }, visitor) => visitor.post('/auth/refresh', { refresh_token: refreshToken })],
  ['login', ({ email }, visitor) => visitor.post('/auth/login', { email, password: PASSWORD })],
  ['a registration', (_, visitor) => visitor.post('/auth/register', { email: 'new@acme.cz', password: PASSWORD, name: 'X', organization_name: 'X' })],
  ['a forgotten password', ({ email }, visitor) => visitor.post('/auth/forgot_password', { email })],
];

describe('a running service', () => {
  it('is alive, ready and says its version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect((await world.stranger.get('/health/live')).body).toEqual({ status: 'ok' });
    expect((await world.stranger.get('/health/ready')).body).toEqual({ status: 'ok' });
    const { status, body } = await world.stranger.get('/api/v1/health');
    expect([status, body]).toEqual([200, { status: 'ok', version }]);
  });

  it('answers HEAD as well, for those who only look', async () => {
    for (const path of ['/health/live', '/health/ready', '/api/v1/health']) {
      const { status, body } = await world.stranger.send('HEAD', path);
      expect([status, body]).toEqual([200, '']);
    }
  });

  it('shows people its documentation, and programs the same', async () => {
    const page = await world.stranger.get('/api/docs');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const asset = /src="(\.[^"]+bundle\.js)"/.exec(page.body)?.[1] ?? '';
    expect((await fetch(new URL(asset, `${world.instance.base}/api/docs`))).status).toBe(200);

    const { status, body } = await world.stranger.get('/api/openapi.json');
    expect([status, body.openapi]).toEqual([200, expect.stringMatching(/^3\./)]);
    expect(Object.keys(body.paths)).toEqual(expect.arrayContaining(['/api/v1/auth/register', '/api/v1/auth/me', '/api/v1/users/{id}', '/.well-known/jwks.json', '/api/v1/health']));
    expect(body.paths['/api/v1/auth/me'].get.security).toEqual([{ bearer: [] }]);
    expect(body.paths['/api/v1/auth/login'].post).not.toHaveProperty('security');
  });
});

describe('while the database is away', () => {
  it('the process stays alive, is not ready and says why, and nobody is taken for a stranger', async () => {
    const before = world.logs.length;
    await world.database.outage(async () => {
      expect((await world.stranger.get('/health/live')).status).toBe(200);
      const ready = await world.stranger.get('/health/ready');
      expect([ready.status, ready.body.missing, ready.headers.get('retry-after')]).toEqual([503, ['database'], '1']);
      for (let round = 0; round < 3; round += 1) {
        for (const [name, ask] of ASKING) {
          const { status, body, headers } = await ask(person, world.visitor);
          expect([name, status, body.error]).toEqual([name, 503, 'unavailable']);
          expect([name, headers.get('retry-after'), headers.get('www-authenticate')]).toEqual([name, '1', null]);
          expect(Object.keys(body).sort()).toEqual(['error', 'message', 'request_id', 'retry_after']);
        }
      }
      expect((await world.stranger.get('/.well-known/jwks.json')).body.keys).toHaveLength(1);
    });
    expect(world.logs.slice(before).join('')).not.toContain(person.accessToken);
  });

  it('a token whose key is unknown may be genuine, and one that no key of ours could have signed is not', async () => {
    const [header = '', payload = '', signature = ''] = person.accessToken.split('.');
    const named = { ...(JSON.parse(Buffer.from(header, 'base64url').toString()) as object), kid: 'k'.repeat(43) };
    const unknown = [Buffer.from(JSON.stringify(named)).toString('base64url'), payload, signature].join('.');
    const forged = [header, payload, `${signature.slice(0, -3)}AAA`].join('.');
    await world.database.outage(async () => {
      const { status, headers } = await world.visitor.bearer(unknown).get('/auth/me');
      expect([status, headers.get('retry-after')]).toEqual([503, '1']);
      expect((await world.visitor.bearer('x').get('/auth/me')).status).toBe(401);
      expect([401, 503]).toContain((await world.visitor.bearer(forged).get('/auth/me')).status);
    });
  });

  it('nothing was lost: everybody goes on where they were', async () => {
    await eventually(async () => (await world.stranger.get('/health/ready')).status === 200);
    expect((await person.client.get('/auth/me')).body.user.name).toBe('Jan Novak');
    expect((await person.client.get('/auth/sessions')).body.meta.total_count).toBe(1);
    expect((await world.visitor.post('/auth/refresh', { refresh_token: person.refreshToken })).status).toBe(200);
  });
});
