import { tokenIn } from '../support/mailbox.js';
import { PASSWORD, type Person, World } from '../support/world.js';
import { accept, invite, verdict } from './invitations.js';

const OWNERS_PASSWORD = 'TheOwners789!';

let world: World;
let admin: Person;
beforeAll(async () => {
  world = await World.start();
});
beforeEach(async () => {
  admin = await world.register();
});
afterAll(async () => {
  await world.stop();
});

describe('somebody who registered the address before its owner was invited', () => {
  it('cannot keep the owner out, nor in: the owner must set a new password, and every session of the account ends', async () => {
    const squatter = await world.register();
    const elsewhere = await world.register({ email: squatter.email, product: 'kanzlei' });
    const { token } = await invite(world, admin, { email: squatter.email });

    const refused = await accept(world, token);
    expect([refused.status, refused.body.details]).toEqual([422, [expect.objectContaining({ field: 'password', code: 'blank' })]]);
    expect(verdict(await squatter.client.get('/auth/me'))).toBe('200');

    const owner = world.person((await accept(world, token, { password: OWNERS_PASSWORD })).body);
    expect(owner.id).toBe(squatter.id);
    for (const { client, refreshToken } of [squatter, elsewhere]) {
      expect(verdict(await client.get('/auth/me'))).toBe('401 token_revoked');
      expect(verdict(await client.post('/auth/refresh', { refresh_token: refreshToken }))).toBe('401 token_revoked');
    }
    expect(verdict(await world.visitor.post('/auth/login', { email: squatter.email, password: PASSWORD }))).toBe('401 unauthorized');
    expect(verdict(await owner.client.get('/auth/me'))).toBe('200');
  });

  it('gets nothing from a link to a new password that was asked for before', async () => {
    const squatter = await world.register();
    const { token } = await invite(world, admin, { email: squatter.email });
    await world.visitor.post('/auth/forgot_password', { email: squatter.email });
    const reset = tokenIn(await world.mailbox.reset(squatter.email));
    await accept(world, token, { password: OWNERS_PASSWORD });
    expect(verdict(await world.visitor.put('/auth/reset_password', { token: reset, password: PASSWORD }))).toBe('422 invalid_reset_token');
  });

  it('gets nothing from a login that waited for the choice of an organization', async () => {
    const squatter = await world.register();
    await world.register({ email: squatter.email });
    const waiting = (await world.visitor.post('/auth/login', { email: squatter.email, password: PASSWORD })).body;
    const { token } = await invite(world, admin, { email: squatter.email });
    await accept(world, token, { password: OWNERS_PASSWORD });
    const chosen = { login_token: waiting.login_token, organization_id: squatter.organizationId };
    expect(verdict(await world.visitor.post('/auth/login/select_org', chosen))).toBe('401 invalid_token');
  });
});

describe('an address that folds to an account’s', () => {
  it.each([
    ['in capitals', 'kiril', 'KIRIL'],
    ['with a Kelvin sign', 'kiril', '\u212Airil'],
    ['with a dotless i', 'kiril', 'k\u0131ril'],
    ['with a ligature', 'ofﬁce'.normalize('NFKC'), 'ofﬁce'],
    ['in full width', 'kiril', 'ｋiril'],
  ])('%s is mailed to the account’s own address and nowhere else', async (_, local, lookalike) => {
    const domain = world.freshEmail().replace('@', '.');
    const owner = await world.register({ email: `${local}@${domain}` });
    const typed = `${lookalike}@${domain}`;
    const { member, mail, token } = await invite(world, admin, { email: typed, mailedTo: owner.email });
    expect([member.email, mail.recipients, mail.to]).toEqual([typed, [owner.email], expect.objectContaining({ value: [{ name: 'Eva Malá', address: owner.email }] })]);
    expect((await accept(world, token, { password: OWNERS_PASSWORD })).body.user).toMatchObject({ id: owner.id, email: owner.email });
  });
});

describe('an invitation that was mailed before the account existed', () => {
  it('is of no use for an account of another spelling: its reader need not be the owner', async () => {
    const email = world.freshEmail();
    const variant = email.replace('u', 'U');
    const { token, member } = await invite(world, admin, { email: variant });
    const owner = await world.register({ email });
    expect(verdict(await accept(world, token, { password: OWNERS_PASSWORD }))).toBe('422 invalid_invitation');
    expect(verdict(await accept(world, token))).toBe('422 invalid_invitation');
    expect(verdict(await owner.client.get('/auth/me'))).toBe('200');

    const again = await invite(world, admin, { email: variant, mailedTo: email });
    expect(again.member.id).toBe(member.id);
    expect((await accept(world, again.token, { password: OWNERS_PASSWORD })).body.user.id).toBe(owner.id);
  });

  it('opens the account of exactly that address', async () => {
    const email = world.freshEmail();
    const { token } = await invite(world, admin, { email });
    const owner = await world.register({ email });
    expect((await accept(world, token, { password: OWNERS_PASSWORD })).body.user.id).toBe(owner.id);
  });

  it('makes one account of one address, whoever else invited it under another spelling', async () => {
    const email = world.freshEmail();
    const first = await invite(world, admin, { email });
    const second = await invite(world, await world.register(), { email: email.replace('u', 'U') });
    expect(verdict(await accept(world, first.token, { password: PASSWORD }))).toBe('200');
    expect(verdict(await accept(world, second.token, { password: OWNERS_PASSWORD }))).toBe('422 invalid_invitation');
    expect(verdict(await world.visitor.post('/auth/login', { email, password: PASSWORD }))).toBe('200');
  });
});
