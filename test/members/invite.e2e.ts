import { type Person, PASSWORD, World } from '../support/world.js';
import { accept, invite, verdict } from './invitations.js';

let world: World;
let admin: Person;
beforeAll(async () => {
  world = await World.start();
});
// A plan has only so many seats.
beforeEach(async () => {
  admin = await world.register({ name: 'Jan Novák' });
});
afterAll(async () => {
  await world.stop();
});

const memberships = async () => world.database.sql('SELECT * FROM memberships ORDER BY id');

it('answers the member as typed, pending, with every field that clients read', async () => {
  const { status, body } = await admin.client.post('/users', { user: { email: '  Eva.Mala@Acme.cz ', name: ' Eva Malá ', role: 'viewer' } });
  expect(status).toBe(201);
  expect(body).toEqual({
    id: expect.any(Number),
    name: 'Eva Malá',
    email: 'Eva.Mala@Acme.cz',
    role: 'viewer',
    organization_id: admin.organizationId,
    status: 'pending',
    avatar_url: null,
    expertise_tags: [],
    historical_velocity: null,
    capacity: null,
    deactivated: false,
    created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
  });
});

it('takes the bare form of the body too', async () => {
  expect(verdict(await admin.client.post('/users', { email: world.freshEmail(), name: 'Eva', role: 'member' }))).toBe('201');
});

describe('tells the inviter nothing about an account:', () => {
  const people: Record<string, () => Promise<string>> = {
    'an unknown address': async () => world.freshEmail(),
    'an account on another product': async () => (await world.register({ product: 'kanzlei', name: 'Jiné jméno' })).email,
    'an account on this product': async () => (await world.register({ name: 'Jiné jméno' })).email,
    'an account that proved its address': async () => (await world.member(await world.register(), 'admin')).email,
    'a disabled account': async () => {
      const { email, id } = await world.register({ name: 'Jiné jméno' });
      await world.database.sql('UPDATE users SET disabled_at = now() WHERE id = $1', [id]);
      return email;
    },
  };

  it.each(Object.keys(people))('%s', async (who) => {
    const inviter = await world.register();
    const email = (await people[who]?.()) ?? '';
    const { member, mail } = await invite(world, inviter, { email, name: 'Typed', role: 'member' });
    const { id, ...rest } = member;
    expect(rest).toEqual({
      name: 'Typed', email, role: 'member', organization_id: inviter.organizationId, status: 'pending',
      avatar_url: null, expertise_tags: [], historical_velocity: null, capacity: null, deactivated: false,
      created_at: expect.any(String), updated_at: expect.any(String),
    });
    expect(mail.from?.text).toBe('"Správce GDPR" <noreply@spravce-gdpr.cz>');
    expect(mail.to).toMatchObject({ value: [{ name: 'Typed', address: email }] });
    // An id of nobody's, newer than every account's, as for somebody who has none.
    const [{ newest } = { newest: 0 }] = await world.database.sql<{ newest: string }>('SELECT max(id) AS newest FROM users');
    expect(id).toBeGreaterThan(Number(newest));
  });
});

it('changes nothing for the invited person before it is accepted', async () => {
  const eva = await world.register({ product: 'kanzlei', name: 'Eva' });
  await invite(world, admin, { email: eva.email, name: 'Somebody Else', role: 'admin' });
  expect((await eva.client.get('/auth/me')).body).toMatchObject({ user: { name: 'Eva' }, organization: { id: eva.organizationId } });
  expect((await world.login(eva.email, PASSWORD, 'kanzlei')).organizationId).toBe(eva.organizationId);
  expect(verdict(await world.visitor.post('/auth/login', { email: eva.email, password: PASSWORD }))).toBe('422 no_organization');
});

it('is in no choice of a login while it is pending', async () => {
  const eva = await world.register();
  await invite(world, admin, { email: eva.email });
  expect((await world.login(eva.email)).organizationId).toBe(eva.organizationId);
});

it('refuses an active member, however the address is spelt, and sends nothing', async () => {
  const member = await world.member(admin);
  const mails = world.mailbox.received.length;
  for (const email of [member.email, member.email.toUpperCase(), admin.email]) {
    expect(verdict(await admin.client.post('/users', { user: { email, name: 'X', role: 'viewer' } }))).toBe('409 conflict');
  }
  await invite(world, admin);
  expect(world.mailbox.received.length).toBe(mails + 1);
});

it('sends another link for one who is pending already, in the same seat, with what was typed last', async () => {
  const email = world.freshEmail();
  const first = await invite(world, admin, { email, name: 'Eva', role: 'member' });
  const second = await invite(world, admin, { email: email.replace('u', 'U'), name: 'Eva Malá', role: 'viewer' });
  expect(second.member).toMatchObject({ id: first.member.id, name: 'Eva Malá', role: 'viewer', status: 'pending' });
  expect(second.token).not.toBe(first.token);
  expect(verdict(await accept(world, first.token, { password: PASSWORD }))).toBe('422 invalid_invitation');
  expect((await accept(world, second.token, { password: PASSWORD })).body).toMatchObject({ user: { name: 'Eva Malá' }, organization: { role: 'viewer' } });
});

describe('refuses with the field named, and writes and sends nothing:', () => {
  const good = { email: 'eva@acme.cz', name: 'Eva', role: 'member' };
  it.each([
    ['two addresses', { ...good, email: 'eva@acme.cz, petr@acme.cz' }, 'email'],
    ['a list', { ...good, email: ['eva@acme.cz'] }, 'email'],
    ['an object', { ...good, email: { $ne: '' } }, 'email'],
    ['a second header line', { ...good, email: 'eva@acme.cz\r\nBcc: petr@acme.cz' }, 'email'],
    ['a display name', { ...good, email: 'Eva <eva@acme.cz>' }, 'email'],
    ['no address', { ...good, email: undefined }, 'email'],
    ['an empty name', { ...good, name: '  ' }, 'name'],
    ['a name of two lines', { ...good, name: 'Eva\nMalá' }, 'name'],
    ['a long name', { ...good, name: 'x'.repeat(101) }, 'name'],
    ['no role', { ...good, role: undefined }, 'role'],
    ['an unknown role', { ...good, role: 'owner' }, 'role'],
    ['a role in capitals', { ...good, role: 'ADMIN' }, 'role'],
    ['a list of roles', { ...good, role: ['admin'] }, 'role'],
  ])('%s', async (_, user, field) => {
    const before = await memberships();
    const { status, body } = await admin.client.post('/users', { user });
    expect([status, body.error, Object.keys(body.errors)]).toEqual([422, 'validation_error', [field]]);
    expect(await memberships()).toEqual(before);
  });
});

it.each([
  ['admin', { admin: true }],
  ['role of the user', { is_admin: true, roles: ['admin'] }],
  ['another organization', { organization_id: 1, org_id: 1, organization: { id: 1 } }],
  ['an active membership', { status: 'active', joined_at: '2020-01-01T00:00:00Z', email_verified: true, user_id: 1, pending_id: 1, id: 1 }],
  ['a password', { password: PASSWORD }],
])('ignores what a body brings beyond the invitation: %s', async (_, extra) => {
  const other = await world.register();
  const email = world.freshEmail();
  const { status, body } = await admin.client
    .with({ 'x-org-id': String(other.organizationId) })
    .post('/users', { user: { email, name: 'Eva', role: 'viewer', ...extra }, ...extra });
  expect([status, body.role, body.status, body.organization_id]).toEqual([201, 'viewer', 'pending', admin.organizationId]);
  expect(body.id).toBeGreaterThan(other.id);
  expect(verdict(await world.visitor.post('/auth/login', { email, password: PASSWORD }))).toBe('401 unauthorized');
});
