import { Operator } from '../../apps/api/src/headless-auth/index.js';
import { recorded } from '../audit/trail.js';
import { accept, invite, verdict } from '../members/invitations.js';
import { type Instance, PASSWORD, type Person, PRODUCT, type Token, World } from '../support/world.js';
import { faults } from '../workspace/faults.js';

const TRIES = 300;
const AT_ONCE = 6;
const TOKENS = '/workspace_api_tokens';
const REVOKED = '401 token_revoked';

let world: World;
let other: Instance;
let operator: Operator;
let admin: Person;
beforeAll(async () => {
  world = await World.start();
  other = await world.anotherInstance();
  operator = world.instance.app.get(Operator, { strict: false });
});
beforeEach(async () => {
  admin = await world.register();
});
afterAll(async () => {
  await world.stop();
});

const bases = () => [world.instance.base, other.base];
const at = ({ client }: Pick<Token, 'client'>, base: string) => client.at(`${base}/api/v1`);
/** What the token opens, on each instance. */
const verdicts = async (token: Pick<Token, 'client'>) => Promise.all(bases().map(async (base) => verdict(await at(token, base).get('/issues'))));
const both = (one: string) => [one, one];
const holder = (secret: string) => ({ client: world.bearer(secret) });

async function rotate({ id }: Pick<Token, 'id'>, body?: object, by: Pick<Person, 'client'> = admin): Promise<string> {
  const answer = await by.client.post(`${TOKENS}/${id}/rotate`, body);
  if (answer.status !== 200) throw new Error(`rotate: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body.token as string;
}

/** All that decides whether a secret of the token works. */
const secretsOf = async ({ id }: Pick<Token, 'id'>) => world.database.sql('SELECT digest, ends_at, t.token_prefix, t.revoked_at FROM workspace_token_secrets JOIN workspace_tokens t ON t.id = token_id WHERE token_id = $1 ORDER BY 1', [id]);

describe('a revocation', () => {
  it(`at one of two instances is felt at the other by the very next request, ${TRIES} times`, async () => {
    let tries = 0;
    const lane = async (): Promise<void> => {
      while (tries < TRIES) {
        tries += 1;
        const token = await world.token(admin, { scopes: ['issues:read'] });
        const [one, another] = tries % 2 === 0 ? bases() : bases().toReversed();
        expect(verdict(await at(token, another ?? '').get('/issues'))).toBe('200');
        expect(verdict(await at(admin, one ?? '').delete(`${TOKENS}/${token.id}`))).toBe('204');
        expect(verdict(await at(token, another ?? '').get('/issues'))).toBe(REVOKED);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    expect(tries).toBeGreaterThanOrEqual(TRIES);
  });

  it('under load is felt by every request that is sent after its answer', async () => {
    const token = await world.token(admin);
    let revoked = false;
    const late: string[] = [];
    const hammer = async (base: string): Promise<void> => {
      for (let left = 15; left > 0; ) {
        const sentAfter = revoked;
        if (sentAfter) left -= 1;
        const answer = verdict(await at(token, base).get('/issues'));
        if (sentAfter) late.push(answer);
      }
    };
    const hammering = Promise.all(bases().flatMap((base) => [hammer(base), hammer(base)]));
    await admin.client.delete(`${TOKENS}/${token.id}`);
    revoked = true;
    await hammering;
    expect(late.length).toBeGreaterThan(0);
    expect(new Set(late)).toEqual(new Set([REVOKED]));
  });

  it('is answered alike a second time, moves no date, and is recorded once, though ten come at once', async () => {
    const token = await world.token(admin);
    const path = `${TOKENS}/${token.id}`;
    const lines = await recorded(world, async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, async (_, index) => at(admin, bases()[index % 2] ?? '').delete(path)));
      expect(new Set(answers.map(verdict))).toEqual(new Set(['204']));
      const { revoked_at: first } = (await admin.client.get(path)).body;
      expect(Math.abs(Date.parse(first) - world.clock.now().getTime())).toBeLessThan(10_000);
      expect(verdict(await admin.client.delete(path))).toBe('204');
      expect((await admin.client.get(path)).body.revoked_at).toBe(first);
    });
    expect(lines).toEqual([`organization:${admin.organizationId} user:${admin.id} workspace_token.revoked workspace_token:${token.id}`]);
  });

  it('by the token itself is its last act', async () => {
    const token = await world.token(admin);
    expect(verdict(await token.client.delete(`${TOKENS}/${token.id}`))).toBe('204');
    expect(verdict(await token.client.delete(`${TOKENS}/${token.id}`))).toBe(REVOKED);
  });
});

interface Death {
  readonly what: string;
  kill(owner: Person): Promise<unknown>;
  /** Takes it back. */
  undo(owner: Person): Promise<unknown>;
  readonly revives: boolean;
}

const slugOf = async ({ organizationId }: Person) => (await world.database.sql<{ slug: string }>('SELECT slug FROM organizations WHERE id = $1', [organizationId]))[0]?.slug ?? '';

const deaths: Death[] = [
  { what: 'a disabled owner', kill: ({ email }) => operator.disableUser(email), undo: ({ email }) => operator.enableUser(email), revives: true },
  {
    what: 'a removed owner who is invited again',
    kill: ({ id }) => admin.client.delete(`/users/${id}`),
    undo: async ({ email }) => {
      const { token } = await invite(world, admin, { email, role: 'admin' });
      expect(verdict(await accept(world, token, { password: PASSWORD }))).toBe('200');
    },
    revives: false,
  },
  {
    what: 'a suspended organization',
    kill: async (owner) => operator.suspendOrganization(PRODUCT, await slugOf(owner)),
    undo: async (owner) => operator.resumeOrganization(PRODUCT, await slugOf(owner)),
    revives: true,
  },
  {
    what: 'a product that was switched off',
    kill: () => world.database.sql('UPDATE products SET active = false WHERE slug = $1', [PRODUCT]),
    undo: () => world.database.sql('UPDATE products SET active = true WHERE slug = $1', [PRODUCT]),
    revives: true,
  },
];

it.each(deaths.map((death) => [death.what, death] as const))('the tokens of %s are dead on the next request, on every instance, and nobody else’s', async (_, { kill, undo, revives }) => {
  const owner = await world.member(admin, 'admin');
  const tokens = [await world.token(owner), await world.token(owner, { scopes: ['issues:read'] })];
  const neighbours = await world.token(await world.register({ product: 'kanzlei' }));
  expect(await Promise.all(tokens.map(verdicts))).toEqual([both('200'), both('200')]);
  await kill(owner);
  expect(await Promise.all(tokens.map(verdicts))).toEqual([both(REVOKED), both(REVOKED)]);
  expect(await verdicts(neighbours)).toEqual(both('200'));
  await undo(owner);
  expect(await Promise.all(tokens.map(verdicts))).toEqual(revives ? [both('200'), both('200')] : [both(REVOKED), both(REVOKED)]);
});

describe('an expiry', () => {
  it('is felt at its moment, by the database’s clock', async () => {
    const token = await world.token(admin, { expires_at: new Date(world.clock.now().getTime() + 600_000).toISOString() });
    world.clock.advance({ seconds: 540 });
    expect(await verdicts(token)).toEqual(both('200'));
    world.clock.advance({ seconds: 61 });
    expect(await verdicts(token)).toEqual(both('401 token_expired'));
  });

  it('is told after a revocation only: what was revoked and has expired is revoked', async () => {
    const token = await world.token(admin, { expires_at: new Date(world.clock.now().getTime() + 600_000).toISOString() });
    await admin.client.delete(`${TOKENS}/${token.id}`);
    world.clock.advance({ seconds: 601 });
    expect(await verdicts(token)).toEqual(both(REVOKED));
  });
});

describe('a rotation', () => {
  it('ends the old secret at once, tells the new one once, and changes nothing else', async () => {
    const token = await world.token(admin, { scopes: ['issues:read'], expires_at: '2099-01-01T00:00:00Z' });
    const before = (await admin.client.get(`${TOKENS}/${token.id}`)).body;
    const { status, body } = await admin.client.post(`${TOKENS}/${token.id}/rotate`);
    const { token: secret, ...told } = body;
    expect([status, secret]).toEqual([200, expect.stringMatching(/^wksp_[0-9a-f]{48}$/)]);
    expect(told).toEqual({ ...before, token_prefix: secret.slice(0, 13) });
    expect(told.token_prefix).not.toBe(before.token_prefix);
    expect([await verdicts(token), await verdicts(holder(secret))]).toEqual([both(REVOKED), both('200')]);
    expect((await admin.client.get(`${TOKENS}/${token.id}`)).body).toEqual(expect.not.objectContaining({ token: expect.anything() }));
  });

  it('lets the old secret work for its grace, and then no longer', async () => {
    const token = await world.token(admin);
    const secret = await rotate(token, { grace_period_seconds: 600 });
    world.clock.advance({ seconds: 540 });
    expect([await verdicts(token), await verdicts(holder(secret))]).toEqual([both('200'), both('200')]);
    world.clock.advance({ seconds: 61 });
    expect([await verdicts(token), await verdicts(holder(secret))]).toEqual([both(REVOKED), both('200')]);
  });

  it('ends the grace of the one before: at most one previous secret works', async () => {
    const token = await world.token(admin);
    const second = await rotate(token, { workspace_api_token: { grace_period_seconds: 86_400 } });
    expect(await verdicts(token)).toEqual(both('200'));
    const third = await rotate(token, { grace_period_seconds: '60' });
    expect(await Promise.all([token, holder(second), holder(third)].map(verdicts))).toEqual([both(REVOKED), both('200'), both('200')]);
    const fourth = await rotate(token);
    expect(await Promise.all([holder(second), holder(third), holder(fourth)].map(verdicts))).toEqual([both(REVOKED), both(REVOKED), both('200')]);
  });

  it('lets no grace outlive the token', async () => {
    const token = await world.token(admin, { expires_at: new Date(world.clock.now().getTime() + 600_000).toISOString() });
    await rotate(token, { grace_period_seconds: 86_400 });
    world.clock.advance({ seconds: 601 });
    expect(await verdicts(token)).toEqual(both('401 token_expired'));
    const revoked = await world.token(admin);
    await rotate(revoked, { grace_period_seconds: 86_400 });
    await admin.client.delete(`${TOKENS}/${revoked.id}`);
    expect(await verdicts(revoked)).toEqual(both(REVOKED));
  });

  it('by the old secret in its grace is one like any other', async () => {
    const token = await world.token(admin);
    const second = await rotate(token, { grace_period_seconds: 60 });
    const third = await rotate(token, {}, token);
    expect(await Promise.all([token, holder(second), holder(third)].map(verdicts))).toEqual([both(REVOKED), both(REVOKED), both('200')]);
  });

  it('ten times at once, at two instances, leaves exactly one secret that works', async () => {
    const token = await world.token(admin);
    const rotations = Array.from({ length: 10 }, async (_, index) => at(admin, bases()[index % 2] ?? '').post(`${TOKENS}/${token.id}/rotate`));
    const secrets = (await Promise.all(rotations)).map(({ body }) => body.token as string);
    expect(new Set(secrets).size).toBe(10);
    expect(await verdicts(token)).toEqual(both(REVOKED));
    const current = (await admin.client.get(`${TOKENS}/${token.id}`)).body.token_prefix as string;
    const told = await Promise.all(secrets.map(async (secret) => [secret.slice(0, 13), await verdicts(holder(secret))]));
    expect(new Map(told as [string, string[]][])).toEqual(new Map(secrets.map((secret) => [secret.slice(0, 13), both(secret.startsWith(current) ? '200' : REVOKED)])));
  });

  it('beside a revocation leaves no secret that works, whichever comes first', async () => {
    for (let turn = 0; turn < 10; turn += 1) {
      const token = await world.token(admin);
      const [rotated, revoked] = await Promise.all([
        at(admin, other.base).post(`${TOKENS}/${token.id}/rotate`, { grace_period_seconds: 60 }),
        admin.client.delete(`${TOKENS}/${token.id}`),
      ]);
      expect([verdict(revoked), ['200', '409 conflict'].includes(verdict(rotated))]).toEqual(['204', true]);
      expect(await verdicts(token)).toEqual(both(REVOKED));
      if (rotated.status === 200) expect(await verdicts(holder(rotated.body.token))).toEqual(both(REVOKED));
    }
  });

  it.each<[unknown, string]>([
    [-1, '422 grace_period_seconds:not_a_number'],
    [1.5, '422 grace_period_seconds:not_a_number'],
    ['x', '422 grace_period_seconds:not_a_number'],
    ['-1', '422 grace_period_seconds:not_a_number'],
    ['1e3', '422 grace_period_seconds:not_a_number'],
    ['', '422 grace_period_seconds:not_a_number'],
    [true, '422 grace_period_seconds:not_a_number'],
    [[60], '422 grace_period_seconds:not_a_number'],
    [{}, '422 grace_period_seconds:not_a_number'],
    [86_401, '422 grace_period_seconds:too_large'],
    ['86401', '422 grace_period_seconds:too_large'],
    [1e308, '422 grace_period_seconds:not_a_number'],
    [null, '422 grace_period_seconds:blank'],
  ])('for a grace of %j is refused, and the secret works on', async (grace, refusal) => {
    const token = await world.token(admin);
    const before = await secretsOf(token);
    for (const form of [{ grace_period_seconds: grace }, { workspace_api_token: { grace_period_seconds: grace } }]) expect(faults(await admin.client.post(`${TOKENS}/${token.id}/rotate`, form))).toBe(refusal);
    expect(await secretsOf(token)).toEqual(before);
    expect(await verdicts(token)).toEqual(both('200'));
  });

  it.each<[string, (token: Token, owner: Person) => Promise<unknown>, string]>([
    ['was revoked', async ({ id }) => admin.client.delete(`${TOKENS}/${id}`), REVOKED],
    ['has expired', async () => { world.clock.advance({ minutes: 11 }); }, '401 token_expired'],
    ['lost its owner', async (_, { id }) => admin.client.delete(`/users/${id}`), REVOKED],
    ['belongs to somebody who was disabled', async (_, { email }) => operator.disableUser(email), REVOKED],
  ])('revives no token that %s', async (_, kill, death) => {
    const owner = await world.member(admin, 'admin');
    const token = await world.token(owner, { expires_at: new Date(world.clock.now().getTime() + 600_000).toISOString() });
    await kill(token, owner);
    const before = await secretsOf(token);
    expect(verdict(await admin.client.post(`${TOKENS}/${token.id}/rotate`, { grace_period_seconds: 600 }))).toBe('409 conflict');
    expect(await secretsOf(token)).toEqual(before);
    expect(await verdicts(token)).toEqual(both(death));
  });
});
