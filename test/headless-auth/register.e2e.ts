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
