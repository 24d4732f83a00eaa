import { routeTable } from '../access/route-table.js';
import { RESOURCE_METADATA, World } from '../support/world.js';
import { OPEN } from './open-routes.js';
import { rawRequest, requestBytes } from './raw-request.js';

interface Route {
  readonly method: string;
  readonly path: string;
}

/** Ways to write a path that some servers read as the same one. */
const DISGUISES: readonly [string, (path: string) => string][] = [
  ['two slashes before it', (path) => `/${path}`],
  ['two slashes in it', (path) => path.replace('/v1/', '//v1/')],
  ['a step up', (path) => path.replace('/v1/', '/v1/health/../')],
  ['an encoded step up', (path) => path.replace('/v1/', '/v1/health/%2e%2e/')],
  ['a step in place', (path) => path.replace('/v1/', '/./v1/')],
  ['an encoded letter', (path) => path.replace('/api/', '/%61pi/')],
  ['an encoded slash', (path) => path.replace('/v1/', '/v1%2f')],
  ['a backslash', (path) => path.replace('/v1/', '/v1\\')],
  ['a slash after it', (path) => `${path}/`],
  ['capitals', (path) => path.toUpperCase()],
  ['a path parameter', (path) => `${path};x`],
  ['a path parameter within', (path) => path.replace('/v1/', '/v1;x=/health/..;/')],
  ['an encoded NUL after it', (path) => `${path}%00`],
  ['an encoded line end after it', (path) => `${path}%0d%0a`],
  ['an encoded blank after it', (path) => `${path}%20`],
  ['a suffix', (path) => `${path}.json`],
  ['a fragment', (path) => `${path}#/health/live`],
  ['a query', (path) => `${path}?/health/live`],
  ['a whole address', (path) => `http://localhost${path}`],
];

let world: World;
let guarded: Route[];
beforeAll(async () => {
  world = await World.start();
  const open = new Set(OPEN);
  guarded = routes().filter(({ method, path }) => !open.has(`${method} ${path}`));
});
afterAll(async () => {
  await world.stop();
});

function routes(): Route[] {
  return routeTable(world).map((route) => {
    const [method = '', path = ''] = route.split(' ');
    return { method, path };
  });
}

const concrete = (path: string) => path.replace(/:\w+/g, '1');
const send = (line: string, headers: string[] = []) => rawRequest(world.instance.base, requestBytes(line, headers));

describe('without a credential', () => {
  it('every route answers 401, but for those on the list', async () => {
    const answered = await Promise.all(routes().map(async ({ method, path }) => ({ route: `${method} ${path}`, ...(await send(`${method} ${concrete(path)}`)) })));
    expect(answered.filter(({ status }) => status !== 401).map(({ route }) => route).sort()).toEqual(OPEN);
    for (const { body, status } of answered) if (status === 401) expect(body.error).toBe('authorization_required');
    expect(guarded.length).toBeGreaterThanOrEqual(10);
  });

  it('a body changes nothing about that', async () => {
    const body = '{"user":{"email":"a@acme.cz","name":"A","role":"admin"},"organization_id":1}';
    const headers = ['Content-Type: application/json', `Content-Length: ${body.length}`];
    for (const { method, path } of guarded) {
      expect((await rawRequest(world.instance.base, requestBytes(`${method} ${concrete(path)}`, headers, body))).status).toBe(401);
    }
  });

  it.each(DISGUISES)('no guarded route opens by %s', async (_, disguised) => {
    for (const { method, path } of guarded) {
      const { status, body } = await send(`${method} ${disguised(concrete(path))}`);
      expect([400, 401, 404]).toContain(status);
      expect(Object.keys(body)).toEqual(['error', 'message', 'request_id']);
    }
  });

  it('HEAD is refused where GET is, and says no more', async () => {
    for (const { path } of guarded.filter(({ method }) => method === 'GET')) {
      const { status, headers, body } = await send(`HEAD ${concrete(path)}`);
      expect([status, headers['www-authenticate'], body]).toEqual([401, `Bearer realm="kiket"${RESOURCE_METADATA}`, '']);
    }
  });

  it.each(['/oauth/token', '/oauth/introspect', '/api/v1/auth/login', '/api/v1/auth/login/select_org'])('HEAD is no method of %s, which knows POST alone', async (path) => {
    const { status, headers } = await send(`HEAD ${path}`);
    expect([status, headers['allow']]).toEqual([405, 'POST']);
  });

  it('nobody hears what is wrong with a request before it is known who they are', async () => {
    const wrong = ['{', '{"__proto__":1}', '{"project":{"name":"\\u0000"}}', `"${'x'.repeat(200_000)}"`];
    for (const body of wrong) {
      const headers = ['Content-Type: application/json', `Content-Length: ${body.length}`];
      expect((await rawRequest(world.instance.base, requestBytes('POST /api/v1/projects', headers, body))).status).toBe(401);
      expect((await rawRequest(world.instance.base, requestBytes('POST /api/v1/projects?a=1&a=2', [...headers, 'Authorization: Bearer x'], body))).status).toBe(401);
    }
  });

  it.each(['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'])('%s makes no other method of a request', async (header) => {
    const health = await send('POST /api/v1/auth/me', [`${header}: OPTIONS`]);
    expect([health.status, health.body.error]).toEqual([405, 'method_not_allowed']);
    expect((await send('GET /api/v1/auth/me', [`${header}: OPTIONS`])).status).toBe(401);
  });

  it.each(['X-Original-URL', 'X-Rewrite-URL', 'X-Forwarded-Prefix', 'X-Forwarded-Path'])('%s makes no other path of a request', async (header) => {
    expect((await send('GET /api/v1/auth/me', [`${header}: /health/live`])).status).toBe(401);
    expect((await send('GET /health/live', [`${header}: /api/v1/auth/me`])).body).toEqual({ status: 'ok' });
  });
});

describe('with a credential', () => {
  it('a GET stays a GET, whatever a header or the query calls it', async () => {
    const { accessToken, client } = await world.register();
    const other = await world.login((await client.get('/auth/me')).body.user.email);
    for (const line of ['GET /api/v1/auth/sessions', 'GET /api/v1/auth/sessions?_method=DELETE']) {
      const { status, body } = await send(line, [`Authorization: Bearer ${accessToken}`, 'X-HTTP-Method-Override: DELETE']);
      expect([status, body.data.length]).toEqual([200, 2]);
    }
    expect((await other.client.get('/auth/me')).status).toBe(200);
  });
});
