import { PASSWORD, type Person, World } from '../support/world.js';

const NEW_PASSWORD = 'NewPass456!';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await world.stop();
});

const rowOf = async ({ id }: Person) => (await world.database.sql('SELECT * FROM users WHERE id = $1', [id]))[0];

describe('GET /me', () => {
  it('answers the user, the organization, the subscription and the scopes', async () => {
    const person = await world.register({ organization: 'Moje firma' });
    const { status, body } = await person.client.get('/auth/me');
    expect([status, body]).toEqual([
      200,
      {
        user: { id: person.id, email: person.email, name: 'Jan Novak', locale: 'cs' },
        organization: { id: person.organizationId, name: 'Moje firma', slug: 'moje-firma', role: 'admin' },
        subscription: expect.objectContaining({ plan_tier: 'team', status: 'trialing' }),
        scopes: ['issues', 'projects', 'comments', 'workflows', 'users', 'notifications', 'admin'],
      },
    ]);
  });
});

describe('PUT /me', () => {
  it('changes the name and the language, and only what is sent', async () => {
    const person = await world.register();
    expect((await person.client.put('/auth/me', { name: ' Jan Novak Jr. ' })).body.user).toMatchObject({ name: 'Jan Novak Jr.', locale: 'cs' });
    expect((await person.client.put('/auth/me', { locale: 'de' })).body.user).toMatchObject({ name: 'Jan Novak Jr.', locale: 'de' });
    expect((await person.client.get('/auth/me')).body.user).toMatchObject({ name: 'Jan Novak Jr.', locale: 'de' });
    expect((await person.client.put('/auth/me', {})).status).toBe(200);
    expect((await world.audited()).slice(-2)).toEqual(['user.updated', 'user.updated']);
  });

  it.each([
    ['an empty name', { name: '' }, 'name'],
    ['a name of spaces', { name: '   ' }, 'name'],
    ['a name of 101 characters', { name: 'x'.repeat(101) }, 'name'],
    ['a name that is a list', { name: ['Jan'] }, 'name'],
    ['a name of two lines', { name: 'Jan\r\nBcc: eva@acme.cz' }, 'name'],
    ['an unknown language', { locale: 'xx' }, 'locale'],
    ['a language that is a path', { locale: '../cs' }, 'locale'],
    ['a password without the present one', { password: NEW_PASSWORD }, 'current_password'],
    ['a wrong present password', { password: NEW_PASSWORD, current_password: 'WrongPass123!' }, 'current_password'],
    ['a password that is confirmed otherwise', { password: NEW_PASSWORD, password_confirmation: 'x', current_password: PASSWORD }, 'password_confirmation'],
  ])('refuses %s on its field, and changes nothing', async (_, body, field) => {
    const person = await world.register();
    const before = await rowOf(person);
    const answer = await person.client.put('/auth/me', { ...body, ...('name' in body ? {} : { name: 'Jiný' }) });
    expect([answer.status, answer.body.error, answer.body.details?.[0].field]).toEqual([422, 'validation_error', field]);
    expect(await rowOf(person)).toEqual(before);
    await world.login(person.email);
  });

  it('with a new password ends the other sessions on all products, keeps this one, and tells the owner', async () => {
    const person = await world.register();
    const others = [await world.login(person.email), await world.register({ email: person.email, product: 'kanzlei' })];
    const answer = await person.client.put('/auth/me', { password: NEW_PASSWORD, password_confirmation: NEW_PASSWORD, current_password: PASSWORD });
    expect(answer.status).toBe(200);
    for (const { client } of others) expect((await client.get('/auth/me')).body.error).toBe('token_revoked');
    expect((await person.client.get('/auth/me')).status).toBe(200);
    expect((await world.visitor.post('/auth/refresh', { refresh_token: person.refreshToken })).status).toBe(200);
    expect((await world.visitor.post('/auth/login', { email: person.email, password: PASSWORD })).status).toBe(401);
    await world.login(person.email, NEW_PASSWORD);
    expect((await world.mailbox.to(person.email)).from?.value[0]?.address).toBe('noreply@spravce-gdpr.cz');
    expect(await world.audited()).toContain('password.changed');
  });

  it('by two at once who both knew the old password lets one win', async () => {
    const person = await world.register();
    const tablet = await world.login(person.email);
    const change = ({ client }: Person, password: string) => client.put('/auth/me', { password, current_password: PASSWORD });
    const answers = await Promise.all([change(person, 'NewPass-one'), change(tablet, 'NewPass-two')]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const [one, two] = await Promise.all(['NewPass-one', 'NewPass-two'].map((password) => world.visitor.post('/auth/login', { email: person.email, password })));
    expect([one?.status, two?.status]).toEqual(answers[0]?.status === 200 ? [200, 401] : [401, 200]);
  });
});

describe('what nobody may say of themselves', () => {
  const smuggled = {
    id: 1, user_id: 1, role: 'admin', admin: true, organization_id: 1, organization: { id: 1, role: 'admin' }, scopes: ['admin'],
    subscription: { status: 'active' }, plan_tier: 'enterprise', email_verified: true, email_proven_at: '2020-01-01', disabled_at: null,
    product: 'kiket', sid: 1, created_at: '2000-01-01',
  };

  it('has no effect at PUT /me', async () => {
    const viewer = await world.member(await world.register(), 'viewer');
    const before = (await viewer.client.get('/auth/me')).body;
    const row = await rowOf(viewer);
    const { status } = await viewer.client.put('/auth/me', { ...smuggled, email: 'other@acme.cz', name: 'Eva' });
    expect(status).toBe(200);
    expect((await viewer.client.get('/auth/me')).body).toEqual({ ...before, user: { ...before.user, name: 'Eva' } });
    expect(await rowOf(viewer)).toEqual({ ...row, name: 'Eva', updated_at: expect.any(Date) });
  });

  it('has no effect at register, login, select_org, switch_org and refresh', async () => {
    const email = world.freshEmail();
    const facts = { email, password: PASSWORD, name: 'Jan', organization_name: 'Acme' };
    const registered = await world.visitor.post('/auth/register', { ...facts, ...smuggled });
    const person = world.person(registered.body);
    expect([registered.status, registered.body.subscription.plan_tier]).toEqual([201, 'team']);
    expect(await rowOf(person)).toMatchObject({ email_proven_at: null });
    expect(person.organizationId).not.toBe(smuggled.organization_id);
    const answers = [
      await world.visitor.post('/auth/login', { ...smuggled, email, password: PASSWORD }),
      await world.visitor.post('/auth/login/select_org', { ...smuggled, organization_id: person.organizationId, email, password: PASSWORD }),
      await person.client.post('/auth/switch_org', { ...smuggled, organization_id: person.organizationId }),
    ];
    for (const { status, body } of answers) expect([status, body.user, body.organization]).toEqual([200, registered.body.user, registered.body.organization]);
    const { body } = await world.visitor.post('/auth/refresh', { ...smuggled, refresh_token: person.refreshToken });
    expect((await person.client.bearer(body.access_token).get('/auth/me')).body).toEqual((await person.client.get('/auth/me')).body);
  });

  it.each([['X-Org-Id', 'x-org-id'], ['X-Organization-Id', 'x-organization-id'], ['X-User-Id', 'x-user-id'], ['X-Role', 'x-role']])('has no effect as %s', async (_, header) => {
    const stranger = await world.register();
    const person = await world.register();
    const value = header === 'x-role' ? 'admin' : String(header === 'x-user-id' ? stranger.id : stranger.organizationId);
    expect((await person.client.with({ [header]: value }).get('/auth/me')).body).toEqual((await person.client.get('/auth/me')).body);
  });
});
