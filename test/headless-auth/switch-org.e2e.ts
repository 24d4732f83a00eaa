import { Operator } from '../../apps/api/src/headless-auth/index.js';
import { PASSWORD, PRODUCT, World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await world.stop();
});

describe('switching the organization', () => {
  it('opens a session in the other one, and the present one lives on', async () => {
    const here = await world.register();
    const there = await world.register({ email: here.email });
    const { status, body } = await here.client.post('/auth/switch_org', { organization_id: there.organizationId });
    expect([status, body.organization.id, body.user.id]).toEqual([200, there.organizationId, here.id]);
    const switched = world.person(body);
    expect((await switched.client.get('/auth/me')).body.organization.id).toBe(there.organizationId);
    expect((await here.client.get('/auth/me')).body.organization.id).toBe(here.organizationId);
  });

  it("is not_found for a stranger's organization and for one of another product alike", async () => {
    const here = await world.register();
    const stranger = await world.register();
    const elsewhere = await world.register({ email: here.email, product: 'kanzlei' });
    const answers = [];
    for (const id of [stranger.organizationId, elsewhere.organizationId, 999_999_999]) {
      const { status, body } = await here.client.post('/auth/switch_org', { organization_id: id });
      answers.push({ status, ...body, request_id: '' });
    }
    expect(answers[0]).toMatchObject({ status: 404, error: 'not_found' });
    expect(answers).toEqual([answers[0], answers[0], answers[0]]);
  });

  it('needs a session', async () => {
    const { status, body } = await world.visitor.post('/auth/switch_org', { organization_id: 1 });
    expect([status, body.error]).toEqual([401, 'authorization_required']);
  });

  it('works under a lapsed subscription, so that the customer can reach the one that is paid', async () => {
    const here = await world.register();
    const there = await world.register({ email: here.email });
    await world.database.sql(`UPDATE subscriptions SET status = 'unpaid' WHERE organization_id = $1`, [here.organizationId]);
    expect((await here.client.post('/auth/switch_org', { organization_id: there.organizationId })).status).toBe(200);
  });
});

describe('the choice of organizations', () => {
  it('leaves out a suspended one and one that the person left, and asks nothing where one remains', async () => {
    const remaining = await world.register();
    const { email } = remaining;
    const suspended = await world.register({ email, organization: 'Zavřená' });
    const left = await world.register({ email });
    const { body } = await suspended.client.get('/auth/me');
    await world.instance.app.get(Operator, { strict: false }).suspendOrganization(PRODUCT, body.organization.slug);
    await world.database.sql('UPDATE memberships SET ended_at = now() WHERE organization_id = $1', [left.organizationId]);
    const login = await world.visitor.post('/auth/login', { email, password: PASSWORD });
    expect([login.status, login.body.organization?.id]).toEqual([200, remaining.organizationId]);
    for (const { organizationId } of [suspended, left]) {
      expect((await remaining.client.post('/auth/switch_org', { organization_id: organizationId })).status).toBe(404);
    }
  });

  it('is refused to who has none on this product', async () => {
    const { email } = await world.register({ product: 'kanzlei' });
    const { status, body } = await world.visitor.post('/auth/login', { email, password: PASSWORD });
    expect([status, body.error]).toEqual([422, 'no_organization']);
  });
});
