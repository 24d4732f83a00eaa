import { Operator } from '../../apps/api/src/headless-auth/index.js';
import type { Answer } from '../support/client.js';
import { tokenIn } from '../support/mailbox.js';
import { type Instance, PASSWORD, type Person, PRODUCT, World } from '../support/world.js';

let world: World;
let other: Instance;
let operator: Operator;
beforeAll(async () => {
  world = await World.start();
  other = await world.anotherInstance();
  operator = world.instance.app.get(Operator, { strict: false });
});
afterAll(async () => {
  await world.stop();
});

const told = ({ status, body }: Answer) => [status, body.error];
const REVOKED = [401, 'token_revoked'];
const bases = () => [world.instance.base, other.base];

/** Each credential of the person, on each instance. */
async function verdicts({ client, refreshToken }: Person): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (const base of bases()) {
    answers.push(told(await client.at(`${base}/api/v1`).get('/auth/me')));
    answers.push(told(await world.stranger.at(base).post('/api/v1/auth/refresh', { refresh_token: refreshToken })));
  }
  return answers;
}

async function slugOf({ client }: Person): Promise<string> {
  return (await client.get('/auth/me')).body.organization.slug as string;
}

interface Death {
  readonly what: string;
  /** Kills one person's credentials. */
  kill(person: Person): Promise<unknown>;
  /** Takes it back. */
  undo?(person: Person): Promise<unknown>;
  /** Whether the credentials live again then. */
  readonly revives?: boolean;
}

const sql = (text: string, ...values: unknown[]) => world.database.sql(text, values);
let slug = '';

const deaths: Death[] = [
  {
    what: 'a disabled user',
    kill: ({ email }) => operator.disableUser(email),
    undo: ({ email }) => operator.enableUser(email),
    revives: false,
  },
  {
    what: 'a suspended organization',
    kill: async (person) => {
      slug = await slugOf(person);
      await operator.suspendOrganization(PRODUCT, slug);
    },
    undo: () => operator.resumeOrganization(PRODUCT, slug),
    revives: true,
  },
  {
    what: 'a product that was switched off',
    kill: () => sql('UPDATE products SET active = false WHERE slug = $1', PRODUCT),
    undo: () => sql('UPDATE products SET active = true WHERE slug = $1', PRODUCT),
    revives: true,
  },
  {
    what: 'an ended membership',
    kill: ({ id, organizationId }) => sql('UPDATE memberships SET ended_at = now() WHERE user_id = $1 AND organization_id = $2', id, organizationId),
  },
  {
    what: 'a logout',
    kill: ({ client }) => client.post('/auth/logout'),
  },
  {
    what: 'a session ended from another device',
    kill: async ({ email }) => (await world.login(email)).client.delete('/auth/sessions'),
  },
];

describe('access and refresh tokens', () => {
  it.each(deaths.map((death) => [death.what, death] as const))('of %s are dead on the next request, on every instance', async (_, { kill, undo }) => {
    const person = await world.register();
    const neighbour = await world.register({ product: 'kanzlei' });
    await kill(person);
    expect(await verdicts(person)).toEqual([REVOKED, REVOKED, REVOKED, REVOKED]);
    expect((await neighbour.client.get('/auth/me')).status).toBe(200);
    await undo?.(person);
  });

  it.each(deaths.filter(({ undo }) => undo !== undefined).map((death) => [death.what, death] as const))(
    'of %s live again or not when it is taken back, and a refresh that was refused consumed nothing',
    async (_, { kill, undo, revives }) => {
      const person = await world.register();
      await kill(person);
      await verdicts(person);
      await undo?.(person);
      const [access, refreshed] = await verdicts(person);
      expect([access, refreshed]).toEqual(revives === true ? [[200, undefined], [200, undefined]] : [REVOKED, REVOKED]);
    },
  );

  it('of a member who was removed stay dead when they are invited again', async () => {
    const admin = await world.register();
    const member = await world.member(admin);
    expect((await admin.client.delete(`/users/${member.id}`)).status).toBe(204);
    expect(await verdicts(member)).toEqual([REVOKED, REVOKED, REVOKED, REVOKED]);
    const returned = await invitedAgain(admin, member);
    expect(returned.id).toBe(member.id);
    expect(await verdicts(member)).toEqual([REVOKED, REVOKED, REVOKED, REVOKED]);
    expect((await returned.client.get('/auth/me')).status).toBe(200);
  });

  it('under load never answer after the logout did', async () => {
    const person = await world.register();
    let loggedOut = false;
    const late: number[] = [];
    const hammer = async (base: string): Promise<void> => {
      for (let left = 15; left > 0; ) {
        const sentAfter = loggedOut;
        if (sentAfter) left -= 1;
        const { status } = await person.client.at(`${base}/api/v1`).get('/auth/me');
        if (sentAfter) late.push(status);
      }
    };
    const hammering = Promise.all(bases().flatMap((base) => [hammer(base), hammer(base)]));
    await person.client.post('/auth/logout');
    loggedOut = true;
    await hammering;
    expect(late.length).toBeGreaterThan(0);
    expect(new Set(late)).toEqual(new Set([401]));
  });
});

async function invitedAgain(admin: Person, { email }: Person): Promise<Person> {
  const before = world.mailbox.received.length;
  await admin.client.post('/users', { user: { email, name: 'Eva Malá', role: 'member' } });
  const token = tokenIn(await world.mailbox.invitation(email, (mail) => world.mailbox.received.indexOf(mail) >= before));
  return world.person((await world.visitor.post('/auth/accept_invitation', { token, password: PASSWORD })).body);
}

describe('who is shut out', () => {
  const shut: [string, (person: Person) => Promise<unknown>, (string | number)[]][] = [
    ['a disabled user', ({ email }) => operator.disableUser(email), [401, 'unauthorized']],
    ['a member of a suspended organization alone', async (person) => operator.suspendOrganization(PRODUCT, await slugOf(person)), [422, 'no_organization']],
    ['a removed member', ({ id }) => sql('UPDATE memberships SET ended_at = now() WHERE user_id = $1', id), [422, 'no_organization']],
  ];

  it.each(shut)('cannot come back by login: %s', async (_, kill, refusal) => {
    const person = await world.register();
    await kill(person);
    expect(told(await world.visitor.post('/auth/login', { email: person.email, password: PASSWORD }))).toEqual(refusal);
    const select = { organization_id: person.organizationId, email: person.email, password: PASSWORD };
    expect([401, 404]).toContain((await world.visitor.post('/auth/login/select_org', select)).status);
  });
});
