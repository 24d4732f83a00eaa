import bcrypt from 'bcrypt';
import type { Answer } from '../support/client.js';
import { PASSWORD, World } from '../support/world.js';

const WRONG = 'WrongPass123!';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await world.stop();
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** Every evaluation of a hash while something is under way, by the cost that it has. */
async function evaluations(work: () => Promise<Answer>): Promise<{ answer: Answer; costs: string[] }> {
  const comparing = jest.spyOn(bcrypt, 'compare');
  const hashing = jest.spyOn(bcrypt, 'hash');
  const answer = await work();
  const costs = [
    ...comparing.mock.calls.map(([, hash]) => `compare ${/^\$2b\$(\d\d)\$.{53}$/.exec(hash)?.[1]}`),
    ...hashing.mock.calls.map(([, cost]) => `hash ${cost}`),
  ];
  comparing.mockRestore();
  hashing.mockRestore();
  return { answer, costs };
}

/** The ways to be nobody. */
const nobodies: [string, () => Promise<{ email: string; password: string }>][] = [
  ['a wrong password', async () => ({ email: (await world.register()).email, password: WRONG })],
  ['an unknown email', async () => ({ email: world.freshEmail(), password: WRONG })],
  ['a disabled user with the right password', async () => ({ email: await disabled(), password: PASSWORD })],
  ['a disabled user with a wrong password', async () => ({ email: await disabled(), password: WRONG })],
  ['a password longer than any can be', async () => ({ email: (await world.register()).email, password: 'x'.repeat(1_000) })],
];

async function disabled(): Promise<string> {
  const { id, email } = await world.register();
  await world.database.sql('UPDATE users SET disabled_at = now() WHERE id = $1', [id]);
  return email;
}

describe('at login', () => {
  it.each(nobodies)('%s costs one evaluation of a hash, at the one cost', async (_, make) => {
    const credentials = await make();
    const { answer, costs } = await evaluations(() => world.visitor.post('/auth/login', credentials));
    expect([answer.status, costs]).toEqual([401, ['compare 04']]);
  });

  it('all of them get the same answer, but for the id of the request', async () => {
    const answers: { body: object }[] = [];
    for (const [, make] of nobodies) {
      const { status, body, headers } = await world.visitor.post('/auth/login', await make());
      const seen = { status, body: { ...body, request_id: '' }, challenge: headers.get('www-authenticate'), language: headers.get('content-language') };
      answers.push(seen);
    }
    expect(answers[0]?.body).toEqual({ error: 'unauthorized', message: expect.any(String), request_id: '' });
    expect(answers).toEqual(answers.map(() => answers[0]));
  });

  it('the trail alone knows which it was', async () => {
    const before = (await reasons()).length;
    for (const [, make] of nobodies) await world.visitor.post('/auth/login', await make());
    expect((await reasons()).slice(before)).toEqual(['wrong_password', 'unknown_email', 'disabled', 'wrong_password', 'wrong_password']);
  });

  async function reasons(): Promise<string[]> {
    const rows = await world.database.sql<{ reason: string }>(
      `SELECT metadata->>'reason' AS reason FROM audit_entries WHERE action = 'login.failed' ORDER BY id`,
    );
    return rows.map(({ reason }) => reason);
  }
});

describe('elsewhere', () => {
  it('a known email costs as much to register with a wrong password as to log in', async () => {
    const { email } = await world.register();
    const { answer, costs } = await evaluations(() =>
      world.visitor.post('/auth/register', { email, password: WRONG, name: 'Jan', organization_name: 'Acme' }),
    );
    expect([answer.status, costs]).toEqual([401, ['compare 04']]);
  });

  it('a new email costs one hash of the same cost', async () => {
    const { answer, costs } = await evaluations(() =>
      world.visitor.post('/auth/register', { email: world.freshEmail(), password: PASSWORD, name: 'Jan', organization_name: 'Acme' }),
    );
    expect([answer.status, costs]).toEqual([201, ['hash 4']]);
  });

  it.each(nobodies.slice(0, 3))('select_org by credentials evaluates once too: %s', async (_, make) => {
    const credentials = await make();
    const { answer, costs } = await evaluations(() => world.visitor.post('/auth/login/select_org', { organization_id: 1, ...credentials }));
    expect([answer.status, costs]).toEqual([401, ['compare 04']]);
  });

  it('forgot_password evaluates nothing, known or not', async () => {
    for (const email of [(await world.register()).email, world.freshEmail()]) {
      const { answer, costs } = await evaluations(() => world.visitor.post('/auth/forgot_password', { email }));
      expect([answer.status, costs]).toEqual([202, []]);
    }
  });

  it('who is locked out costs nothing', async () => {
    const { email } = await world.register();
    for (let time = 0; time < 10; time += 1) await world.visitor.post('/auth/login', { email, password: WRONG });
    const { answer, costs } = await evaluations(() => world.visitor.post('/auth/login', { email, password: PASSWORD }));
    expect([answer.status, costs]).toEqual([429, []]);
  });
});
