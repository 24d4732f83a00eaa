import type { Answer } from '../support/client.js';
import { type Instance, type Person, World } from '../support/world.js';
import { invite, verdict } from './invitations.js';

const ROUNDS = 20;

let world: World;
let second: Instance;
beforeAll(async () => {
  world = await World.start();
  second = await world.anotherInstance();
});
afterAll(async () => {
  await world.stop();
});

const demote = async ({ client }: Person, { id }: Person, to: string) => client.patch(`/users/${id}`, { user: { role: to } });

async function admins({ organizationId }: Person): Promise<number> {
  const rows = await world.database.sql(
    `SELECT id FROM memberships WHERE organization_id = $1 AND role = 'admin' AND joined_at IS NOT NULL AND ended_at IS NULL`,
    [organizationId],
  );
  return rows.length;
}

/** Two admins of one organization, each at an instance of their own. */
async function pair(): Promise<readonly [Person, Person]> {
  const first = await world.register();
  const deputy = await world.member(first, 'admin');
  return [first, { ...deputy, client: deputy.client.at(`${second.base}/api/v1`) }];
}

describe('the last admin', () => {
  it.each(['member', 'viewer'])('cannot step down to %s', async (role) => {
    const admin = await world.register();
    const { status, body } = await demote(admin, admin, role);
    expect([status, body.error, body.message]).toEqual([422, 'last_admin', 'V organizaci musí zůstat alespoň jeden správce.']);
    expect((await admin.client.get('/auth/me')).body.organization.role).toBe('admin');
  });

  it('cannot leave, and stays signed in', async () => {
    const admin = await world.register();
    expect(verdict(await admin.client.delete(`/users/${admin.id}`))).toBe('422 last_admin');
    expect(verdict(await admin.client.get('/auth/me'))).toBe('200');
  });

  it('may be confirmed as admin', async () => {
    const admin = await world.register();
    expect(verdict(await demote(admin, admin, 'admin'))).toBe('200');
  });

  it('is the last one also where admins were invited who have not come yet, or have left', async () => {
    const admin = await world.register();
    const { member } = await invite(world, admin, { role: 'admin' });
    const former = await world.member(admin, 'admin');
    await admin.client.delete(`/users/${former.id}`);
    expect(verdict(await demote(admin, admin, 'member'))).toBe('422 last_admin');
    expect(verdict(await admin.client.delete(`/users/${admin.id}`))).toBe('422 last_admin');
    expect(verdict(await admin.client.patch(`/users/${member.id}`, { user: { role: 'viewer' } }))).toBe('200');
    expect(verdict(await admin.client.delete(`/users/${member.id}`))).toBe('204');
  });
});

describe(`two admins, ${ROUNDS} times`, () => {
  it.each<[string, (one: Person, other: Person) => Promise<Answer>[]]>([
    ['demote each other', (one, other) => [demote(one, other, 'member'), demote(other, one, 'viewer')]],
    ['both step down', (one, other) => [demote(one, one, 'member'), demote(other, other, 'member')]],
  ])('%s at once: one of them stays admin', async (_, acts) => {
    const [one, other] = await pair();
    for (let round = 0; round < ROUNDS; round += 1) {
      const verdicts = (await Promise.all(acts(one, other))).map(verdict).sort();
      expect(['200,422 last_admin', '200,403 forbidden']).toContain(verdicts.join());
      expect(await admins(one)).toBe(1);
      // Whoever stayed lets the other back.
      expect([await demote(one, other, 'admin'), await demote(other, one, 'admin')].map(verdict)).toContain('200');
      expect(await admins(one)).toBe(2);
    }
  });

  it('remove each other, or one leaves whom the other demotes, at once: one of them stays admin', async () => {
    const pairs = await Promise.all(Array.from({ length: ROUNDS }, pair));
    for (const [round, [one, other]] of pairs.entries()) {
      const acts = [
        one.client.delete(`/users/${other.id}`),
        round % 2 === 0 ? other.client.delete(`/users/${one.id}`) : demote(other, other, 'viewer'),
      ];
      const verdicts = (await Promise.all(acts)).map(verdict);
      expect(verdicts.filter((one) => /^(?:200|204)$/.test(one)).length).toBeGreaterThan(0);
      for (const one of verdicts) expect(one).toMatch(/^(?:200|204|401 token_revoked|403 forbidden|404 not_found|422 last_admin)$/);
      expect(await admins(one)).toBe(1);
    }
  });
});
