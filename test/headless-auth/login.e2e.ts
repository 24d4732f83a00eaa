import { PASSWORD, PRODUCT, World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await world.stop();
});

describe('a login', () => {
  it('answers in the shape of a registration, with 200', async () => {
    const { email, id, organizationId } = await world.register();
    const { status, body, headers } = await world.visitor.post('/auth/login', { email, password: PASSWORD });
    expect([status, body]).toEqual([
      200,
      {
        access_token: expect.stringMatching(/^eyJ/),
        refresh_token: expect.stringMatching(/^eyJ/),
        token_type: 'Bearer',
        expires_in: 3600,
        user: { id, email, name: 'Jan Novak', locale: 'cs' },
        organization: { id: organizationId, name: expect.any(String), slug: expect.any(String), role: 'admin' },
        subscription: expect.objectContaining({ status: 'trialing', can_use_features: true }),
      },
    ]);
    expect(headers.get('content-language')).toBe('cs');
  });

  it('of a lapsed customer opens auth with no scopes, and nothing else', async () => {
    const { email, organizationId } = await world.register();
    await world.database.sql(`UPDATE subscriptions SET status = 'unpaid' WHERE organization_id = $1`, [organizationId]);
    const person = await world.login(email);
    const me = await person.client.get('/auth/me');
    expect([me.status, me.body.scopes, me.body.subscription.can_use_features]).toEqual([200, [], false]);
    expect((await person.client.get('/auth/sessions')).status).toBe(200);
    const invitation = await person.client.post('/users', { user: { email: world.freshEmail(), name: 'Eva', role: 'member' } });
    expect([invitation.status, invitation.body.error]).toEqual([403, 'subscription_inactive']);
  });

  it('on a product without a trial begins unpaid', async () => {
    const { client } = await world.register({ product: 'paid-only' });
    const { body } = await client.get('/auth/me');
    expect([body.subscription.status, body.scopes]).toEqual(['incomplete', []]);
  });

  it('takes the scopes of the plan, narrowed by the role', async () => {
    const admin = await world.register();
    const viewer = await world.member(admin, 'viewer');
    expect((await admin.client.get('/auth/me')).body.scopes).toContain('admin');
    const { scopes } = (await viewer.client.get('/auth/me')).body as { scopes: string[] };
    expect(scopes).toContain('issues:read');
    expect(scopes.filter((scope) => !scope.endsWith(':read'))).toEqual([]);
  });
});

describe('the product', () => {
  const paths = ['/auth/register', '/auth/login', '/auth/login/select_org'];
  const body = { email: 'jan@acme.cz', password: PASSWORD, name: 'Jan', organization_name: 'Acme', organization_id: 1 };
  const nobody = () => world.stranger.at(`${world.instance.base}/api/v1`);

  it.each(paths)('is required at %s', async (path) => {
    const { status, body: answer } = await nobody().post(path, body);
    expect([status, answer.error]).toEqual([400, 'product_required']);
  });

  it.each(paths)('that is unknown or retired is the same refusal at %s', async (path) => {
    const answers = [];
    for (const slug of ['nobody', 'retired', `${PRODUCT}, kanzlei`, '__proto__', '']) {
      const answer = await nobody().product(slug).post(path, body);
      answers.push([answer.status, answer.body.error]);
    }
    expect(answers).toEqual(answers.map(() => [400, 'unknown_product']));
  });

  it('is the one that lists the Origin, where no slug is sent', async () => {
    const { email } = await world.register();
    const { status } = await nobody().with({ origin: 'https://app.spravce-gdpr.cz' }).post('/auth/login', { email, password: PASSWORD });
    expect(status).toBe(200);
    const elsewhere = await nobody().with({ origin: 'https://kanzlei.example' }).post('/auth/login', { email, password: PASSWORD });
    expect([elsewhere.status, elsewhere.body.error]).toEqual([422, 'no_organization']);
  });

  it('is the one of the slug, where both are sent', async () => {
    const { email } = await world.register();
    const { status } = await nobody().product(PRODUCT).with({ origin: 'https://kanzlei.example' }).post('/auth/login', { email, password: PASSWORD });
    expect(status).toBe(200);
  });
});
