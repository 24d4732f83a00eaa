import { verdict } from '../members/invitations.js';
import { PASSWORD, type Person, World } from '../support/world.js';

let world: World;
let admin: Person;
beforeAll(async () => {
  world = await World.start();
  admin = await world.register({ organization: 'Žluťoučký kůň s.r.o.' });
});
afterAll(async () => {
  await world.stop();
});

const OWN = '/organizations/zlutoucky-kun-s-r-o';

describe('an organization', () => {
  it('is shown to its own people by its slug, at either address', async () => {
    const viewer = await world.member(admin, 'viewer');
    for (const { client } of [admin, viewer]) {
      for (const mount of ['', '/ext']) {
        const { status, body } = await client.get(`${mount}${OWN}`);
        expect([status, body]).toEqual([200, { id: admin.organizationId, name: 'Žluťoučký kůň s.r.o.', slug: 'zlutoucky-kun-s-r-o' }]);
      }
    }
  });

  it('is shown whatever the plan holds', async () => {
    const outsider = await world.register({ product: 'kanzlei', organization: 'Kanzlei Groß' });
    expect((await outsider.client.get('/organizations/kanzlei-gross')).body).toEqual({ id: outsider.organizationId, name: 'Kanzlei Groß', slug: 'kanzlei-gross' });
  });

  it('is not shown while its subscription has lapsed', async () => {
    const owner = await world.register({ product: 'paid-only', organization: 'Lapsed' });
    expect(verdict(await owner.client.get('/organizations/lapsed'))).toBe('403 subscription_inactive');
  });

  it('is nothing to others, be it there or not', async () => {
    const neighbour = await world.register({ organization: 'Neighbour' });
    const abroad = await world.register({ product: 'kiket', organization: 'Abroad' });
    for (const { client } of [neighbour, abroad]) {
      expect(verdict(await client.get(OWN))).toBe('404 not_found');
      expect(verdict(await client.get('/organizations/no-such'))).toBe('404 not_found');
    }
    for (const slug of ['neighbour', 'abroad']) expect(verdict(await admin.client.get(`/organizations/${slug}`))).toBe('404 not_found');
    expect(verdict(await world.visitor.get(OWN))).toBe('401 authorization_required');
  });

  it('of the same name on another product is the caller’s own', async () => {
    const twin = await world.register({ product: 'kiket', organization: 'Žluťoučký kůň s.r.o.' });
    expect((await twin.client.get(OWN)).body.id).toBe(twin.organizationId);
    expect((await admin.client.get(OWN)).body.id).toBe(admin.organizationId);
  });

  it('goes by its slug alone', async () => {
    for (const ref of [admin.organizationId, 'ZLUTOUCKY-KUN-S-R-O', 'zlutoucky', 'zlutoucky-kun-s-r-o%20', '%00', '__proto__']) {
      expect(verdict(await admin.client.get(`/organizations/${ref}`))).toBe('404 not_found');
    }
  });
});

describe('the workflow of an organization', () => {
  const workflows = async ({ organizationId }: Person) =>
    world.database.sql('SELECT w.created_at = o.created_at AS "sinceFounding" FROM workflows w JOIN organizations o ON o.id = w.organization_id WHERE o.id = $1', [organizationId]);

  it('is there from its founding on, once', async () => {
    expect(await workflows(admin)).toEqual([{ sinceFounding: true }]);
  });

  it('is one also where a double click founds the organization', async () => {
    const twice = { email: world.freshEmail(), password: PASSWORD, name: 'Jan', organization_name: 'Twice' };
    const answers = await Promise.all([1, 2].map(async () => world.visitor.post('/auth/register', twice)));
    const [first, second] = answers.map(({ body }) => world.person(body)) as [Person, Person];
    expect(first.organizationId).toBe(second.organizationId);
    expect(await workflows(first)).toHaveLength(1);
  });

  it('is not founded without the organization, nor the organization without it', async () => {
    const before = await world.database.sql('SELECT count(*) FROM organizations');
    await world.database.sql('ALTER TABLE workflows ADD CONSTRAINT none CHECK (organization_id < 0) NOT VALID');
    const { status } = await world.visitor.post('/auth/register', { email: world.freshEmail(), password: PASSWORD, name: 'Jan', organization_name: 'None' });
    await world.database.sql('ALTER TABLE workflows DROP CONSTRAINT none');
    expect(status).toBe(500);
    expect(await world.database.sql('SELECT count(*) FROM organizations')).toEqual(before);
  });
});
