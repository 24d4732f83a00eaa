import { PASSWORD, World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await world.stop();
});

describe('registering', () => {
  it('answers what the documentation promises, and makes the first user the admin', async () => {
    const { status, body } = await world.visitor.post('/auth/register', {
      email: 'jan@acme.cz',
      password: 'SecurePass123!',
      password_confirmation: 'SecurePass123!',
      name: 'Jan Novak',
      organization_name: 'Acme s.r.o.',
    });
    expect(status).toBe(201);
    expect(body).toEqual({
      access_token: expect.stringMatching(/^eyJ/),
      refresh_token: expect.stringMatching(/^eyJ/),
      token_type: 'Bearer',
      expires_in: 3600,
      user: { id: expect.any(Number), email: 'jan@acme.cz', name: 'Jan Novak', locale: 'cs' },
      organization: { id: expect.any(Number), name: 'Acme s.r.o.', slug: 'acme-s-r-o', role: 'admin' },
      subscription: {
        id: expect.any(Number),
        plan_tier: 'team',
        status: 'trialing',
        trial_ends_at: expect.stringMatching(/Z$/),
        current_period_start: null,
        current_period_end: null,
        canceled_at: null,
        can_use_features: true,
      },
    });
    expect(await world.audited()).toEqual(['user.registered', 'session.started']);
  });

  it('takes a known email with its password to a new organization of the same person', async () => {
    const first = await world.register();
    const second = await world.register({ email: first.email.toUpperCase(), organization: 'Second', product: 'kanzlei' });
    expect(second.id).toBe(first.id);
    expect(second.organizationId).not.toBe(first.organizationId);
  });

  it('refuses a known email with another password, and leaves no row behind', async () => {
    const { email } = await world.register();
    const before = await world.database.sql('SELECT count(*) FROM organizations');
    const { status, body } = await world.visitor.post('/auth/register', { email, password: `${PASSWORD}x`, name: 'X', organization_name: 'X' });
    expect([status, body.error]).toEqual([401, 'unauthorized']);
    expect(await world.database.sql('SELECT count(*) FROM organizations')).toEqual(before);
  });
});

describe('the language of somebody new', () => {
  const wishes: [string, string, Record<string, string>, string][] = [
    ["the product's", '', {}, 'cs'],
    ['the one that is asked for', '', { 'accept-language': 'de' }, 'de'],
    ['the best of those asked for that there is', '', { 'accept-language': 'fr, de;q=0.5, en;q=0.8' }, 'en'],
    ['the one in the query before the header', '?locale=en', { 'accept-language': 'de' }, 'en'],
    ["the product's where none is known", '?locale=xx', { 'accept-language': 'fr' }, 'cs'],
  ];
  it.each(wishes)('is %s', async (_, query, headers, locale) => {
    const facts = { email: world.freshEmail(), password: PASSWORD, name: 'Jan', organization_name: 'Acme' };
    const { status, body } = await world.visitor.with(headers).post(`/auth/register${query}`, facts);
    expect([status, body.user.locale]).toEqual([201, locale]);
  });
});

describe('a registration that is refused', () => {
  const good = { password: PASSWORD, name: 'Jan', organization_name: 'Acme' };
  const bad: [string, object, string][] = [
    ['no name', { name: undefined }, 'name'],
    ['a name of spaces', { name: '  ' }, 'name'],
    ['a name of 101 characters', { name: 'x'.repeat(101) }, 'name'],
    ['a name of two lines', { name: 'Jan\r\nBcc: eva@acme.cz' }, 'name'],
    ['a name that is an object', { name: { first: 'Jan' } }, 'name'],
    ['no organization', { organization_name: undefined }, 'organization_name'],
    ['an empty organization', { organization_name: '' }, 'organization_name'],
    ['an organization of 101 characters', { organization_name: 'x'.repeat(101) }, 'organization_name'],
    ['an organization that is a list', { organization_name: ['Acme'] }, 'organization_name'],
    ['no password', { password: undefined }, 'password'],
  ];
  it.each(bad)('for %s says so in the language of the product, and leaves no row behind', async (_, change, field) => {
    const before = await rows();
    const { status, body } = await world.visitor.post('/auth/register', { email: world.freshEmail(), ...good, ...change });
    expect([status, body.error, Object.keys(body.errors)]).toEqual([422, 'validation_error', [field]]);
    expect(body.details).toEqual([{ field, code: expect.any(String), message: body.errors[field][0] }]);
    expect(body.message).toMatch(/[ěščřžýáíé]/);
    expect(await rows()).toEqual(before);
  });

  it('names every field at once', async () => {
    const { body } = await world.visitor.post('/auth/register', {});
    expect(Object.keys(body.errors).sort()).toEqual(['email', 'name', 'organization_name', 'password']);
  });

  async function rows(): Promise<object[]> {
    const tables = ['users', 'organizations', 'memberships', 'subscriptions', 'sessions', 'passwords', 'audit_entries'];
    return world.database.sql(`SELECT ${tables.map((table) => `(SELECT count(*) FROM ${table}) AS ${table}`).join(', ')}`);
  }
});
