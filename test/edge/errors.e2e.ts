import pino from 'pino';
import { Translator } from '#locale';
import { JsonLogger } from '../../apps/api/src/json-logger.js';
import { PASSWORD, type Person, World } from '../support/world.js';

let world: World;
let person: Person;
beforeAll(async () => {
  world = await World.start();
  world.instance.app.useLogger(new JsonLogger(pino({}, { write: (line: string) => void world.logs.push(line) })));
  person = await world.register();
});
afterAll(async () => {
  await world.stop();
});

describe('an error', () => {
  it.each<[number, string, () => ReturnType<World['visitor']['get']>]>([
    [400, 'malformed_request', () => world.visitor.post('/auth/login', '{')],
    [400, 'product_required', () => world.stranger.post('/api/v1/auth/login', { email: 'a@acme.cz', password: 'x' })],
    [400, 'unknown_product', () => world.visitor.product('nope').post('/auth/login', { email: 'a@acme.cz', password: 'x' })],
    [401, 'authorization_required', () => world.visitor.get('/auth/me')],
    [401, 'unauthorized', () => world.visitor.post('/auth/login', { email: 'a@acme.cz', password: 'x' })],
    [401, 'invalid_token', () => world.visitor.bearer('x').get('/auth/me')],
    [401, 'invalid_token_type', () => world.visitor.bearer(person.refreshToken).get('/auth/me')],
    [404, 'not_found', () => person.client.delete('/auth/sessions/999999')],
    [404, 'not_found', () => world.visitor.get('/nowhere')],
    [405, 'method_not_allowed', () => world.visitor.delete('/auth/login')],
    [409, 'conflict', () => person.client.post('/users', { user: { email: person.email, name: 'Jan', role: 'member' } })],
    [413, 'payload_too_large', () => world.visitor.post('/auth/login', { email: 'x'.repeat(102_400) })],
    [415, 'unsupported_media_type', () => world.visitor.with({ 'content-type': 'text/plain' }).post('/auth/login', 'x')],
    [422, 'invalid_reset_token', () => world.visitor.put('/auth/reset_password', { token: 'x', password: PASSWORD })],
    [422, 'invalid_invitation', () => world.visitor.post('/auth/accept_invitation', { token: 'x', password: PASSWORD })],
    [422, 'last_admin', () => person.client.delete(`/users/${person.id}`)],
  ])('of %i says %s, a sentence and which request it was, and nothing else', async (status, code, refused) => {
    const answer = await refused();
    expect([answer.status, answer.body]).toEqual([status, { error: code, message: expect.stringMatching(/^\p{Lu}.*\.$/u), request_id: answer.headers.get('x-request-id') }]);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('of validation names every faulty field, twice the same', async () => {
    const { status, body, headers } = await world.visitor.post('/auth/register', { email: 'x', password: PASSWORD, name: '', organization_name: 7 });
    expect(status).toBe(422);
    expect(Object.keys(body)).toEqual(['error', 'message', 'details', 'errors', 'request_id']);
    expect(body).toMatchObject({ error: 'validation_error', request_id: headers.get('x-request-id') });
    const codes = (body.details as { field: string; code: string }[]).map(({ field, code }) => [field, code]);
    expect(codes).toEqual([['email', 'invalid'], ['name', 'blank'], ['organization_name', 'not_a_string']]);
    for (const detail of body.details) expect(detail).toEqual({ field: expect.any(String), code: expect.any(String), message: expect.stringMatching(/\.$/) });
    expect(body.errors).toEqual(Object.fromEntries((body.details as { field: string; message: string }[]).map(({ field, message }) => [field, [message]])));
  });

  it('of validation in the service looks the same', async () => {
    const { status, body } = await person.client.put('/auth/me', { password: 'NewPass456!', current_password: 'WrongPass1!' });
    expect(status).toBe(422);
    const [{ message }] = body.details;
    expect(body).toEqual({ error: 'validation_error', message: expect.any(String), details: [{ field: 'current_password', code: 'wrong', message }], errors: { current_password: [message] }, request_id: expect.any(String) });
  });

  it('that limits says how long', async () => {
    const email = world.freshEmail();
    const guess = () => world.visitor.post('/auth/login', { email, password: 'WrongPass1!' });
    for (let time = 0; time < 10; time += 1) expect((await guess()).status).toBe(401);
    const { status, body, headers } = await guess();
    expect([status, body]).toEqual([429, { error: 'rate_limit_exceeded', message: expect.any(String), retry_after: expect.any(Number), request_id: expect.any(String) }]);
    expect(headers.get('retry-after')).toBe(String(body.retry_after));
    await world.database.sql('DELETE FROM attempts');
  });
});

describe('a known path', () => {
  it.each([
    ['DELETE', '/api/v1/auth/me', 'GET, HEAD, PUT'],
    ['GET', '/api/v1/auth/login', 'POST'],
    ['POST', '/api/v1/auth/sessions', 'DELETE, GET, HEAD'],
    ['GET', '/api/v1/auth/sessions/7', 'DELETE'],
    ['PUT', '/api/v1/users/7', 'DELETE, GET, HEAD, PATCH'],
    ['POST', '/health/live', 'GET, HEAD'],
    ['DELETE', '/.well-known/jwks.json', 'GET, HEAD'],
    ['PATCH', '/API/V1/AUTH/ME/', 'GET, HEAD, PUT'],
    ['OPTIONS', '/api/v1/auth/refresh', 'POST'],
  ] as const)('says to %s %s which methods it knows', async (method, path, allow) => {
    const { status, body, headers } = await world.stranger.send(method, path);
    expect([status, body.error, headers.get('allow')]).toEqual([405, 'method_not_allowed', allow]);
  });

  it.each(['/', '/api', '/api/v1', '/api/v1/', '/api/v1/auth', '/api/v2/auth/me', '/api/v1/auth/me/x', '/api/v1/auth/sessions/7/x', '/cable', '/metrics/x', '/favicon.ico', '/.env', '/.git/config', '/api/v1/users/__proto__/x'])('is none of %s', async (path) => {
    const { status, body, headers } = await world.stranger.get(path);
    expect([status, body.error, headers.get('allow')]).toEqual([404, 'not_found', null]);
  });
});

describe('every answer', () => {
  it.each(['a', 'A-b_c.9', '018f6f2e-8f3a-7b1c-9d2e-0123456789ab', 'x'.repeat(128)])('repeats the caller’s own request id: %s', async (id) => {
    for (const path of ['/health/live', '/api/v1/auth/me', '/nowhere']) {
      const { headers, body } = await world.stranger.with({ 'x-request-id': id }).get(path);
      expect([headers.get('x-request-id'), body.request_id ?? id]).toEqual([id, id]);
    }
  });

  it.each(['', ' ', 'x'.repeat(129), 'a b', 'a/b', 'a,b', 'a\u00e9', '"a"', '<b>', 'a%0d%0aSet-Cookie:x', '{jndi:ldap://x}'])('gets an id of its own in place of %j', async (id) => {
    const { headers } = await world.stranger.with({ 'x-request-id': id }).get('/health/live');
    expect(headers.get('x-request-id')).toMatch(/^[\w-]{22}$/);
  });

  it('says its language and not what it was made with', async () => {
    for (const answer of [await person.client.get('/auth/me'), await world.visitor.get('/auth/me'), await world.stranger.get('/health/live'), await world.stranger.get('/api/docs'), await world.stranger.get('/nowhere'), await person.client.post('/auth/logout')]) {
      expect(answer.headers.get('content-language')).toMatch(/^(cs|en)$/);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      for (const name of ['x-powered-by', 'server', 'etag', 'set-cookie']) expect(answer.headers.get(name)).toBeNull();
    }
    person = await world.login(person.email);
  });
});

describe('a fault of ours', () => {
  it('tells the caller nothing of the inside, and the log why', async () => {
    await world.database.sql('ALTER TABLE memberships RENAME TO memberships_away');
    world.logs.length = 0;
    try {
      const { status, body, headers } = await person.client.get('/auth/me');
      expect([status, body]).toEqual([500, { error: 'internal_error', message: 'Na naší straně došlo k chybě. Zkuste to prosím později.', request_id: headers.get('x-request-id') }]);
      const cause = world.logs.map((line) => JSON.parse(line)).find(({ request_id: id, err }) => id === body.request_id && err !== undefined);
      expect(cause).toMatchObject({ level: 50, msg: 'unexpected error', err: { message: expect.stringContaining('memberships'), code: '42P01', stack: expect.stringContaining('keyed-read') } });
    } finally {
      await world.database.sql('ALTER TABLE memberships_away RENAME TO memberships');
    }
    expect((await person.client.get('/auth/me')).status).toBe(200);
  });

  it('writes no row into the log, least of all a password’s hash', async () => {
    await world.database.sql('ALTER TABLE passwords ADD CONSTRAINT nobody_new CHECK (false) NOT VALID');
    world.logs.length = 0;
    const email = world.freshEmail();
    try {
      const { status } = await world.visitor.post('/auth/register', { email, password: PASSWORD, name: 'Jan Novak', organization_name: 'Acme' });
      expect(status).toBe(500);
    } finally {
      await world.database.sql('ALTER TABLE passwords DROP CONSTRAINT nobody_new');
    }
    const log = world.logs.join('');
    expect(log).toContain('nobody_new');
    for (const secret of ['$2b$', PASSWORD, email]) expect(log).not.toContain(secret);
    expect(await world.database.sql('SELECT id FROM users WHERE email = $1', [email])).toEqual([]);
  });

  it('ends neither the process nor the next request where not even the refusal can be written', async () => {
    const translator = world.instance.app.get(Translator, { strict: false });
    Object.assign(translator, { sentence: () => { throw new Error('the catalog is gone'); } });
    await expect(world.stranger.get('/nowhere')).rejects.toThrow('fetch failed');
    Reflect.deleteProperty(translator, 'sentence');
    expect((await world.stranger.get('/nowhere')).status).toBe(404);
    expect(world.logs.join('')).toContain('the catalog is gone');
  });
});
