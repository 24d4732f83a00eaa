import pino from 'pino';
import { JsonLogger } from '../../apps/api/src/json-logger.js';
import type { Answer } from '../support/client.js';
import { PASSWORD, type Person, World } from '../support/world.js';

// Five hundred registrations to a promise.
jest.setTimeout(300_000);

const AT_ONCE = 5;

let world: World;
let person: Person;
beforeAll(async () => {
  world = await World.start({ env: { TRUST_PROXY: '127.0.0.1' } });
  world.instance.app.useLogger(new JsonLogger(pino({}, { write: (line: string) => void world.logs.push(line) })));
  person = await world.register();
});
afterAll(async () => {
  await world.stop();
});

/** What breaks out of a text: each beginning before each end makes one of five hundred. */
const BEGINNINGS = ["'", '"', "';", '")', '`', '\\', "\\'", '%27', "''", '$$', '$1', '--', '/*', '{{', '${', '<%=', '$t(', '&#39;', '\u02bc', '\uff07', '=', '@', '../', '|', 'a\u2028'];
const ENDS = [
  '', ' OR 1=1--', '; DROP TABLE users; --', ' UNION SELECT hash FROM passwords--', "||pg_sleep(5)||'", ') OR (1=1', ' AND 1=CAST(version() AS int)--', '$(id)', '`id`',
  '7*7}}', 'process.env}', '<script>alert(1)</script>', 'errors.conflict)', '%s%n%x', '*)(uid=*', ' -- \u0301', '\ufeff', "{\"$gt\":\"\"}", 'HYPERLINK("http://evil.example")', '/etc/passwd',
];
const INJECTIONS = BEGINNINGS.flatMap((begin) => ENDS.map((end) => begin + end));

/** An address of its own for each request, since the lockout counts wrong passwords by address. */
const addresses = { next: 0 };
function visitor() {
  addresses.next += 1;
  return world.visitor.with({ 'x-forwarded-for': `10.${addresses.next >> 16}.${(addresses.next >> 8) & 255}.${addresses.next & 255}` });
}

async function answersTo(send: (text: string) => Promise<Answer>, texts = INJECTIONS): Promise<{ text: string; answer: Answer }[]> {
  const answers: { text: string; answer: Answer }[] = [];
  for (let begin = 0; begin < texts.length; begin += AT_ONCE) {
    answers.push(...(await Promise.all(texts.slice(begin, begin + AT_ONCE).map(async (text) => ({ text, answer: await send(text) })))));
  }
  return answers;
}

describe(`each of ${INJECTIONS.length} injections`, () => {
  afterEach(() => {
    expect(world.logs.filter((line) => /unexpected error|syntax error/.test(line))).toEqual([]);
    expect(world.logs.filter((line) => /[\p{Cc}\u2028\u2029]/u.test(line.replace(/\n$/, '')))).toEqual([]);
  });

  it('is a name like any other, and comes back as it was', async () => {
    for (const { text, answer } of await answersTo((name) => visitor().post('/auth/register', { email: world.freshEmail(), password: PASSWORD, name, organization_name: name }))) {
      expect([text, answer.status, answer.body.user?.name, answer.body.organization?.name]).toEqual([text, 201, text.trim(), text.trim()]);
      expect(answer.body.organization.slug).toMatch(/^[a-z0-9-]+$/);
    }
  });

  it('is a new name like any other', async () => {
    for (const { text, answer } of await answersTo((name) => person.client.put('/auth/me', { name }))) expect([text, answer.status]).toEqual([text, 200]);
    expect((await person.client.get('/auth/me')).status).toBe(200);
  });

  it('is no address, or one like any other', async () => {
    for (const { text, answer } of await answersTo((local) => visitor().post('/auth/register', { email: local, password: PASSWORD, name: 'X', organization_name: 'X' }))) {
      expect([text, answer.status, Object.keys(answer.body.errors ?? {})]).toEqual([text, 422, ['email']]);
    }
    for (const { text, answer } of await answersTo((local) => visitor().post('/auth/login', { email: `${local}@acme.cz`, password: PASSWORD }))) expect([text, [401, 422].includes(answer.status)]).toEqual([text, true]);
  });

  it('is a password like any other', async () => {
    const { email } = person;
    for (const { text, answer } of await answersTo((password) => visitor().post('/auth/login', { email: world.freshEmail(), password }))) expect([text, answer.status]).toEqual([text, 401]);
    for (const text of INJECTIONS.slice(0, 20)) expect((await visitor().post('/auth/login', { email, password: text })).status).toBe(401);
  });

  it('is no language, no token, no parameter, no id and no product', async () => {
    const tenth = INJECTIONS.filter((_, index) => index % 10 === Math.floor(index / 20) % 10);
    const elsewhere: [number[], (text: string) => Promise<Answer>][] = [
      [[422], (locale) => person.client.put('/auth/me', { locale })],
      [[401], (token) => world.visitor.post('/auth/refresh', { refresh_token: token })],
      [[422], (token) => world.visitor.put('/auth/reset_password', { token, password: 'NewPass456!' })],
      [[422], (page) => person.client.get(`/auth/sessions?page=${encodeURIComponent(page)}`)],
      [[404], (id) => person.client.delete(`/auth/sessions/${encodeURIComponent(id)}`)],
      [[400], (slug) => world.visitor.product(encodeURI(slug)).post('/auth/login', { email: world.freshEmail(), password: PASSWORD })],
    ];
    for (const [expected, send] of elsewhere) {
      for (const { text, answer } of await answersTo(send, tenth)) expect([text, expected.includes(answer.status)]).toEqual([text, true]);
    }
  });
});
