import pino from 'pino';
import { JsonLogger } from '../../apps/api/src/json-logger.js';
import { rawRequest, requestBytes } from '../edge/raw-request.js';
import { tokenIn } from '../support/mailbox.js';
import { World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await World.start();
  world.instance.app.useLogger(new JsonLogger(pino({ level: 'trace' }, { write: (line: string) => void world.logs.push(line) })));
});
afterAll(async () => {
  await world.stop();
});

type Line = Record<string, unknown>;
const lines = () => world.logs.map((line) => JSON.parse(line) as Line);

/** Everything that a person can do, once well and once badly; what they sent and got that is nobody else's business. */
async function tour(): Promise<{ secrets: string[]; requests: number }> {
  const email = world.freshEmail();
  const passwords = ['FirstPass123!', 'SecondPass123!', 'ThirdPass123!', 'NeverRight123!', 'InvitedPass123!'] as const;
  const [first, second, third, wrong, invitees] = passwords;
  const secrets: string[] = [...passwords];
  const begun = world.logs.length;
  const person = await world.register({ email, password: first });
  const keep = (body: Record<string, string | undefined>) => {
    for (const name of ['access_token', 'refresh_token', 'login_token']) if (body[name] !== undefined) secrets.push(body[name]);
  };
  secrets.push(person.accessToken, person.refreshToken);

  await world.visitor.post('/auth/login', { email, password: wrong });
  await world.visitor.post('/auth/register', { email, password: wrong, name: 'X', organization_name: 'X' });
  await world.register({ email, password: first, organization: 'Second' });
  const { body: choice } = await world.visitor.post('/auth/login', { email, password: first });
  keep(choice);
  keep((await world.visitor.post('/auth/login/select_org', { organization_id: person.organizationId, login_token: choice.login_token })).body);
  await world.visitor.post('/auth/login/select_org', { organization_id: person.organizationId, login_token: choice.login_token });
  keep((await world.visitor.post('/auth/login/select_org', { organization_id: person.organizationId, email, password: first })).body);
  keep((await person.client.post('/auth/switch_org', { organization_id: person.organizationId })).body);
  const { body: pair } = await world.visitor.post('/auth/refresh', { refresh_token: person.refreshToken });
  keep(pair);
  keep((await world.visitor.post('/auth/refresh', { refresh_token: person.refreshToken })).body);
  await person.client.put('/auth/me', { password: second, password_confirmation: second, current_password: wrong });
  await person.client.put('/auth/me', { password: second, password_confirmation: second, current_password: first });
  const invited = world.freshEmail();
  await person.client.post('/users', { user: { email: invited, name: 'Eva Malá', role: 'member' } });
  const invitation = tokenIn(await world.mailbox.invitation(invited));
  keep((await world.visitor.post('/auth/accept_invitation', { token: invitation, password: invitees })).body);
  await world.visitor.post('/auth/accept_invitation', { token: invitation, password: invitees });
  await world.visitor.post('/auth/forgot_password', { email });
  const reset = tokenIn(await world.mailbox.reset(email));
  await world.visitor.put('/auth/reset_password', { token: reset, password: third, password_confirmation: wrong });
  await world.visitor.put('/auth/reset_password', { token: reset, password: third });
  await world.visitor.put('/auth/reset_password', { token: reset, password: third });
  secrets.push(invitation, reset);

  const again = await world.visitor.post('/auth/login/select_org', { organization_id: person.organizationId, email, password: third });
  keep(again.body);
  const client = world.visitor.bearer(again.body.access_token);
  await client.get(`/auth/me?access_token=${pair.access_token}`);
  await world.visitor.get(`/auth/me?access_token=${pair.access_token}`);
  await world.visitor.get(`/auth/me?token=${pair.access_token}&password=${first}`);
  await world.visitor.post(`/auth/login?password=${first}`, `{"email":"${email}","password":"${first}"`);
  await world.visitor.post('/auth/login', { email, password: { secret: wrong } });
  await world.visitor.bearer(pair.refresh_token).get('/auth/me');
  await world.visitor.with({ 'x-kiket-api-key': pair.access_token, cookie: `session=${pair.access_token}`, referer: `https://app.test/?token=${reset}` }).get('/auth/me');
  await world.visitor.with({ 'content-type': 'text/plain' }).post('/auth/login', first);
  await rawRequest(world.instance.base, `GET /api/v1/auth/me HTTP/1.1\r\nAuthorization: Bearer ${pair.access_token}\r\nX : y\r\n\r\n`);
  await client.get('/auth/sessions');
  await client.post('/auth/logout');
  return { secrets, requests: world.logs.slice(begun).length };
}

describe('the log', () => {
  it('holds no secret after a tour through everything, and a line for each request', async () => {
    const { secrets, requests } = await tour();
    const log = world.logs.join('');
    expect(secrets.length).toBeGreaterThan(20);
    for (const secret of secrets) {
      // The last third of a JWT is enough to be one, and its head is everybody's.
      const telling = secret.startsWith('eyJ') ? secret.slice(-60) : secret;
      expect(log.includes(telling) ? telling : 'kept').toBe('kept');
    }
    expect(log).not.toMatch(/bearer|(?<!oauth-)authorization|[?&](?:access_)?token=|cookie|\$2[aby]\$/i);
    expect(requests).toBeGreaterThan(30);
  });

  it('says of a request who asked for what and how it went, and which it was', async () => {
    const { client, organizationId } = await world.register();
    const { headers } = await client.get('/auth/me?x=1');
    const own = lines().filter(({ request_id: id }) => id === headers.get('x-request-id'));
    expect(own).toEqual([
      expect.objectContaining({ method: 'GET', path: '/api/v1/auth/me', status: 200, ms: expect.any(Number), credential: 'user', credential_id: expect.any(Number), organization_id: organizationId }),
    ]);
    const refused = await world.visitor.get('/auth/me');
    const [line] = lines().filter(({ request_id: id }) => id === refused.headers.get('x-request-id'));
    expect(line).toMatchObject({ status: 401 });
    expect(line).not.toHaveProperty('credential');
  });
});

/** What would make two lines of one, or speak to the reader's terminal. */
const BREAKING = ['\r\n{"level":50,"msg":"forged"}', '\n', '\r', '\x1b[2J\x1b[31mred', '\x1b]0;title\x07', '\x9b31m', '\u0085', '\u2028{"level":50}', '\u202egnp', '\x7f', '\x08\x08', '\t', '","admin":true,"x":"'];

describe.each(BREAKING)('%j', (code) => {
  const answered = async (send: () => Promise<unknown>) => {
    world.logs.length = 0;
    await send();
    for (const line of world.logs) {
      expect(line.replace(/\n$/, '')).toMatch(/^\{[^\x00-\x1f\x7f-\x9f]*\}$/);
      expect(JSON.parse(line)).not.toHaveProperty('admin');
      expect((JSON.parse(line) as Line)['msg']).not.toBe('forged');
    }
    return world.logs.length;
  };

  it('in a body is one escaped line at most', async () => {
    const bodies = [{ email: `jan${code}@acme.cz` }, { email: `${code}@acme.cz`, name: code }, { [code]: code, email: code }];
    for (const body of bodies) {
      expect(await answered(() => world.visitor.post('/auth/login', { password: 'x', ...body }))).toBe(1);
      expect(await answered(() => world.visitor.post('/auth/register', { password: 'x', name: code, organization_name: code, ...body }))).toBe(1);
    }
  });

  it('in a header or the path is one escaped line at most', async () => {
    const bytes = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
    for (const name of ['User-Agent', 'X-Request-Id', 'Accept-Language', 'X-Product-Slug', 'Origin', 'Referer', 'X-Forwarded-For']) {
      expect(await answered(() => rawRequest(world.instance.base, requestBytes('GET /api/v1/auth/me', [`${name}: a${bytes(code)}b`])))).toBeLessThanOrEqual(1);
    }
    for (const path of [`/api/v1/${bytes(code)}`, `/api/v1/${encodeURIComponent(code)}`, `/api/v1/auth/sessions/${encodeURIComponent(code)}`]) {
      expect(await answered(() => rawRequest(world.instance.base, requestBytes(`GET ${path}`)))).toBeLessThanOrEqual(1);
    }
  });

  it('in the name of a browser is kept as it is, and no harm', async () => {
    const person = await world.register();
    const agent = `Mozilla ${Buffer.from(code, 'utf8').toString('latin1').replace(/[\x00-\x08\x0a-\x1f\x7f]/g, '')} end`;
    const { status } = await world.visitor.with({ 'user-agent': agent }).post('/auth/login', { email: person.email, password: 'SecurePass123!' });
    const { body } = await person.client.get('/auth/sessions');
    expect([status, (body.data as { user_agent: string }[]).some(({ user_agent: kept }) => kept === agent)]).toEqual([200, true]);
  });
});
