import { Operator } from '../../apps/api/src/headless-auth/index.js';
import { accept, invite } from '../members/invitations.js';
import type { Answer } from '../support/client.js';
import { tokenIn } from '../support/mailbox.js';
import { PASSWORD, type Person, World } from '../support/world.js';
import { recorded, sessionOf } from './trail.js';

const NEW_PASSWORD = 'Another456!';

let world: World;
let admin: Person;
let member: Person;
/** The chains of the admin's organization and of the product's identities. */
let org: string;
let identity: string;
beforeAll(async () => {
  world = await World.start();
  const [product] = await world.database.sql<{ id: string }>(`SELECT id FROM products WHERE slug = 'spravce-gdpr'`);
  identity = `identity:${product?.id ?? ''}`;
});
beforeEach(async () => {
  admin = await world.register();
  member = await world.member(admin);
  org = `organization:${admin.organizationId}`;
});
afterAll(async () => {
  await world.stop();
});

const started = ({ body }: Answer) =>
  `organization:${body.organization.id} user:${body.user.id} session.started session:${sessionOf(body.access_token)}`;
const after = async (act: () => Promise<Answer>): Promise<{ answer: Answer; lines: string[] }> => {
  const kept: Answer[] = [];
  const lines = await recorded(world, async () => kept.push(await act()));
  const [answer] = kept;
  if (answer === undefined) throw new Error('no answer');
  return { answer, lines };
};
const resetToken = async (person: Person) => {
  await world.visitor.post('/auth/forgot_password', { email: person.email });
  return tokenIn(await world.mailbox.reset(person.email));
};

describe('ways in', () => {
  const form = (email: string) => ({ email, password: PASSWORD, name: 'Eva', organization_name: world.freshEmail() });

  it.each(['a new', 'a known'])('registering %s address: user.registered and session.started', async (sort) => {
    const { answer, lines } = await after(async () => world.visitor.post('/auth/register', form(sort === 'a known' ? admin.email : world.freshEmail())));
    const { user, organization } = answer.body;
    expect(lines).toEqual([`organization:${organization.id} user:${user.id} user.registered user:${user.id}`, started(answer)]);
  });

  it('a login: session.started', async () => {
    const { answer, lines } = await after(async () => world.visitor.post('/auth/login', { email: member.email, password: PASSWORD }));
    expect(lines).toEqual([started(answer)]);
  });

  it('a login that asks which organization: nothing yet; the choice: session.started, by either way', async () => {
    const own = await world.register({ email: member.email });
    const offered = await after(async () => world.visitor.post('/auth/login', { email: member.email, password: PASSWORD }));
    expect(offered.lines).toEqual([]);
    for (const proof of [{ login_token: offered.answer.body.login_token }, { email: member.email, password: PASSWORD }]) {
      const { answer, lines } = await after(async () => world.visitor.post('/auth/login/select_org', { organization_id: own.organizationId, ...proof }));
      expect(lines).toEqual([started(answer)]);
    }
    const { answer, lines } = await after(async () => member.client.post('/auth/switch_org', { organization_id: own.organizationId }));
    expect(lines).toEqual([started(answer)]);
  });

  it.each([
    ['a wrong password', async () => world.visitor.post('/auth/login', { email: member.email, password: NEW_PASSWORD })],
    ['a wrong password at register', async () => world.visitor.post('/auth/register', { ...form(member.email), password: NEW_PASSWORD })],
    ['a wrong password at select_org', async () => world.visitor.post('/auth/login/select_org', { organization_id: 1, email: member.email, password: NEW_PASSWORD })],
    ['a wrong current password', async () => member.client.put('/auth/me', { password: NEW_PASSWORD, current_password: NEW_PASSWORD })],
  ])('%s: login.failed on the product’s identity chain', async (_, attempt) => {
    expect(await recorded(world, attempt)).toEqual([`${identity} user:${member.id} login.failed user:${member.id}`]);
  });

  it('an unknown address: login.failed of nobody', async () => {
    expect(await recorded(world, async () => world.visitor.post('/auth/login', { email: world.freshEmail(), password: PASSWORD }))).toEqual([
      `${identity} user:- login.failed user:-`,
    ]);
  });
});

describe('sessions', () => {
  it('a refresh: session.refreshed; its repetition: nothing; a theft: session.revoked by the session itself', async () => {
    const session = sessionOf(member.accessToken);
    const refresh = async (refresh_token: string) => after(async () => world.visitor.post('/auth/refresh', { refresh_token }));
    const { answer, lines } = await refresh(member.refreshToken);
    expect(lines).toEqual([`${org} user:${member.id} session.refreshed session:${session}`]);
    expect((await refresh(member.refreshToken)).lines).toEqual([]);
    await refresh(answer.body.refresh_token);
    expect((await refresh(member.refreshToken)).lines).toEqual([`${org} session:${session} session.revoked session:${session}`]);
    expect((await refresh(member.refreshToken)).lines).toEqual([]);
  });

  it('a logout: session.ended', async () => {
    expect(await recorded(world, async () => member.client.post('/auth/logout'))).toEqual([
      `${org} user:${member.id} session.ended session:${sessionOf(member.accessToken)}`,
    ]);
  });

  it('ending one, or all others: session.revoked for each', async () => {
    const others = [await world.login(member.email), await world.login(member.email), await world.login(member.email)];
    const revoked = ({ accessToken }: Person) => `${org} user:${member.id} session.revoked session:${sessionOf(accessToken)}`;
    const [first, ...rest] = others;
    expect(await recorded(world, async () => member.client.delete(`/auth/sessions/${sessionOf(first?.accessToken ?? '')}`))).toEqual([revoked(first as Person)]);
    expect((await recorded(world, async () => member.client.delete('/auth/sessions'))).sort()).toEqual(rest.map(revoked).sort());
    expect(await recorded(world, async () => member.client.delete('/auth/sessions'))).toEqual([]);
  });
});

describe('people and their passwords', () => {
  it('a change of the profile: user.updated; of the password: password.changed; of both: both', async () => {
    const change = async (body: object) => recorded(world, async () => member.client.put('/auth/me', body));
    const line = (action: string) => `${org} user:${member.id} ${action} user:${member.id}`;
    expect(await change({ name: 'Eva' })).toEqual([line('user.updated')]);
    expect(await change({ password: NEW_PASSWORD, current_password: PASSWORD })).toEqual([line('password.changed')]);
    expect(await change({ locale: 'de', password: PASSWORD, current_password: NEW_PASSWORD })).toEqual([line('user.updated'), line('password.changed')]);
    expect(await change({})).toEqual([]);
  });

  it('asking for a reset: password.reset_requested, for a known address alone; using it: password.reset', async () => {
    const asked = await recorded(world, async () => {
      await world.visitor.post('/auth/forgot_password', { email: world.freshEmail() });
      return resetToken(member);
    });
    expect(asked).toEqual([`${identity} user:${member.id} password.reset_requested user:${member.id}`]);
    const token = tokenIn(await world.mailbox.reset(member.email));
    expect(await recorded(world, async () => world.visitor.put('/auth/reset_password', { token, password: NEW_PASSWORD }))).toEqual([
      `${identity} user:${member.id} password.reset user:${member.id}`,
    ]);
  });
});

describe('members', () => {
  it('an invitation, and another for the same person: user.invited each', async () => {
    const email = world.freshEmail();
    for (let turn = 0; turn < 2; turn += 1) {
      const { answer, lines } = await after(async () => admin.client.post('/users', { user: { email, name: 'Eva', role: 'member' } }));
      expect(lines).toEqual([`${org} user:${admin.id} user.invited user:${answer.body.id}`]);
    }
  });

  it('accepting as somebody new: user.joined and session.started', async () => {
    const { token } = await invite(world, admin);
    const { answer, lines } = await after(async () => accept(world, token, { password: PASSWORD }));
    expect(lines).toEqual([`${org} user:${answer.body.user.id} user.joined user:${answer.body.user.id}`, started(answer)]);
  });

  it('accepting with a new password for an account that there is: password.reset too', async () => {
    const eva = await world.register();
    const { token } = await invite(world, admin, { email: eva.email });
    const { answer, lines } = await after(async () => accept(world, token, { password: NEW_PASSWORD }));
    expect(lines).toEqual([
      `${identity} user:${eva.id} password.reset user:${eva.id}`,
      `${org} user:${eva.id} user.joined user:${eva.id}`,
      started(answer),
    ]);
  });

  it('another role: role.changed; the same role: nothing', async () => {
    const change = async () => recorded(world, async () => admin.client.patch(`/users/${member.id}`, { user: { role: 'viewer' } }));
    expect(await change()).toEqual([`${org} user:${admin.id} role.changed user:${member.id}`]);
    expect(await change()).toEqual([]);
  });

  it('a removal, of a pending member too: user.removed', async () => {
    const { member: pending } = await invite(world, admin);
    for (const id of [member.id, pending.id]) {
      expect(await recorded(world, async () => admin.client.delete(`/users/${id}`))).toEqual([`${org} user:${admin.id} user.removed user:${id}`]);
    }
  });
});

it('what is refused leaves nothing', async () => {
  const { token } = await invite(world, admin);
  const lines = await recorded(world, async () => {
    await member.client.post('/users', { user: { email: world.freshEmail(), name: 'X', role: 'admin' } });
    await member.client.delete(`/users/${admin.id}`);
    await admin.client.patch(`/users/${admin.id}`, { user: { role: 'viewer' } });
    await admin.client.delete('/users/999999');
    await admin.client.post('/users', { user: { email: member.email, name: 'X', role: 'admin' } });
    await accept(world, token, { password: 'short' });
    await accept(world, 'kin_', {});
    await world.visitor.put('/auth/reset_password', { token: 'krt_', password: PASSWORD });
    await world.visitor.post('/auth/refresh', { refresh_token: member.accessToken });
    await world.visitor.post('/auth/login/select_org', { organization_id: 1, login_token: 'x' });
    await member.client.delete('/auth/sessions/999999');
    await world.visitor.post('/auth/register', { email: 'x', password: PASSWORD, name: 'X', organization_name: 'X' });
  });
  expect(lines).toEqual([]);
});

it('the operator’s acts stand on a chain of their own', async () => {
  const operator = world.instance.app.get(Operator, { strict: false });
  const { slug } = (await admin.client.get('/auth/me')).body.organization;
  expect(
    await recorded(world, async () => {
      await operator.disableUser(member.email);
      await operator.enableUser(member.email);
      await operator.suspendOrganization('spravce-gdpr', slug);
      await operator.resumeOrganization('spravce-gdpr', slug);
    }),
  ).toEqual([
    `operator operator:- user.disabled user:${member.id}`,
    `operator operator:- user.enabled user:${member.id}`,
    `operator operator:- organization.suspended organization:${admin.organizationId}`,
    `operator operator:- organization.resumed organization:${admin.organizationId}`,
  ]);
});

it('says where from: address, program and request, of what is done in the background too', async () => {
  const origin = { 'user-agent': 'Browser/1', 'x-request-id': `request-${member.id}` };
  await member.client.with(origin).put('/auth/me', { name: 'Eva' });
  await world.visitor.with(origin).post('/auth/forgot_password', { email: member.email });
  await world.mailbox.reset(member.email);
  const rows = await world.database.sql('SELECT action, ip, user_agent FROM audit_entries WHERE request_id = $1 ORDER BY id', [origin['x-request-id']]);
  expect(rows).toEqual([
    { action: 'user.updated', ip: '127.0.0.1', user_agent: 'Browser/1' },
    { action: 'password.reset_requested', ip: '127.0.0.1', user_agent: 'Browser/1' },
  ]);
});
