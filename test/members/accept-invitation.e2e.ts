import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { PASSWORD, type Person, World } from '../support/world.js';
import { accept, invite, verdict } from './invitations.js';

const NEW_PASSWORD = 'Another456!';
const wellFormed = (scheme: string) => `${scheme}${'0'.repeat(40)}${crc32(`${scheme}${'0'.repeat(40)}`).toString(16).padStart(8, '0')}`;

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

describe('somebody new', () => {
  it('sets a password, is logged in, and can log in from then on', async () => {
    const { mail, token } = await invite(world, admin, { name: 'Eva Malá', role: 'viewer' });
    const email = mail.recipients[0] ?? '';
    const { status, body } = await accept(world, token, { password: PASSWORD, password_confirmation: PASSWORD });
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.stringMatching(/^eyJ/),
      refresh_token: expect.stringMatching(/^eyJ/),
      token_type: 'Bearer',
      expires_in: 3600,
      user: { id: expect.any(Number), email, name: 'Eva Malá', locale: 'cs' },
      organization: { id: admin.organizationId, name: expect.any(String), slug: expect.any(String), role: 'viewer' },
      subscription: expect.objectContaining({ plan_tier: 'team', status: 'trialing', can_use_features: true }),
    });
    expect((await world.visitor.bearer(body.access_token).get('/auth/me')).body.scopes).toEqual([
      'issues:read', 'projects:read', 'comments:read', 'workflows:read', 'users:read', 'notifications:read',
    ]);
    expect((await world.login(email)).id).toBe(body.user.id);
  });

  it('needs no product in the request, and gets the language that was asked for', async () => {
    const { token } = await invite(world, admin);
    const { status, body } = await world.stranger.with({ 'accept-language': 'de' }).post('/api/v1/auth/accept_invitation', { token, password: PASSWORD });
    expect([status, body.user.locale]).toEqual([200, 'de']);
  });

  it.each([
    ['no password', {}, 'password', 'blank'],
    ['a short one', { password: 'short' }, 'password', 'too_short'],
    ['a common one', { password: 'password123' }, 'password', 'too_common'],
    ['null', { password: null }, 'password', 'blank'],
    ['a number', { password: 12345678 }, 'password', 'not_a_string'],
    ['a list', { password: [PASSWORD] }, 'password', 'not_a_string'],
    ['another confirmation', { password: PASSWORD, password_confirmation: NEW_PASSWORD }, 'password_confirmation', 'mismatch'],
  ])('is told what is wrong with %s, and may try the same link again', async (_, rest, field, code) => {
    const { token } = await invite(world, admin);
    const { status, body } = await accept(world, token, rest);
    expect([status, body.error, body.details.map((one: { field: string; code: string }) => [one.field, one.code])]).toEqual([422, 'validation_error', [[field, code]]]);
    expect(verdict(await accept(world, token, { password: PASSWORD }))).toBe('200');
  });
});

describe('an account that proved its address', () => {
  let eva: Person;
  beforeEach(async () => {
    eva = await world.member(await world.register());
  });

  it('joins without a password, and keeps the one it has, its name and its sessions', async () => {
    const { token } = await invite(world, admin, { email: eva.email, name: 'Somebody', role: 'admin' });
    const { status, body } = await accept(world, token);
    expect([status, body.user.id, body.user.name, body.organization]).toEqual([
      200, eva.id, 'Eva Malá', expect.objectContaining({ id: admin.organizationId, role: 'admin' }),
    ]);
    expect(verdict(await eva.client.get('/auth/me'))).toBe('200');
    expect((await world.visitor.post('/auth/login', { email: eva.email, password: PASSWORD })).body.select_organization).toBe(true);
  });

  it('may set a new password with it, which ends its other sessions', async () => {
    const { token } = await invite(world, admin, { email: eva.email });
    const { status, body } = await accept(world, token, { password: NEW_PASSWORD });
    expect(status).toBe(200);
    expect(verdict(await eva.client.get('/auth/me'))).toBe('401 token_revoked');
    expect(verdict(await world.visitor.bearer(body.access_token).get('/auth/me'))).toBe('200');
    expect(verdict(await world.visitor.post('/auth/login', { email: eva.email, password: PASSWORD }))).toBe('401 unauthorized');
    expect(verdict(await world.visitor.post('/auth/login', { email: eva.email, password: NEW_PASSWORD }))).toBe('200');
  });
});

describe('a link', () => {
  it('is good once', async () => {
    const { token } = await invite(world, admin);
    expect(verdict(await accept(world, token, { password: PASSWORD }))).toBe('200');
    expect(verdict(await accept(world, token, { password: PASSWORD }))).toBe('422 invalid_invitation');
    expect(verdict(await accept(world, token))).toBe('422 invalid_invitation');
  });

  it.each([
    ['somebody new', async () => world.freshEmail(), { password: PASSWORD }],
    ['an account whose address is proven', async () => (await world.member(await world.register())).email, {}],
    ['an account whose address is not proven', async () => (await world.register()).email, { password: NEW_PASSWORD }],
  ])('is good once for %s, also of twenty at once', async (_, address, rest) => {
    const { token } = await invite(world, admin, { email: await address() });
    const second = await world.anotherInstance();
    const verdicts = await Promise.all(
      Array.from({ length: 20 }, async (_, turn) => verdict(await world.visitor.at(`${(turn % 2 === 0 ? world.instance : second).base}/api/v1`).post('/auth/accept_invitation', { token, ...rest }))),
    );
    expect(verdicts.sort()).toEqual(['200', ...Array<string>(19).fill('422 invalid_invitation')]);
    const seats = await world.database.sql('SELECT id FROM memberships WHERE organization_id = $1 AND ended_at IS NULL', [admin.organizationId]);
    expect(seats).toHaveLength(2);
  });

  it('is stored as a digest only', async () => {
    const { token, member } = await invite(world, admin);
    const [row] = await world.database.sql('SELECT invitation_digest FROM memberships WHERE pending_id = $1', [member.id]);
    expect(row).toEqual({ invitation_digest: createHash('sha256').update(token).digest() });
  });

  it.each([
    ['an unknown one', wellFormed('kin_'), '422 invalid_invitation'],
    ['a reset token', wellFormed('krt_'), '422 invalid_invitation'],
    ['rubbish', 'kin_', '422 invalid_invitation'],
    ['4 KB', 'k'.repeat(4096), '422 invalid_invitation'],
    ['more than 4 KB', 'k'.repeat(4097), '422 validation_error'],
    ['nothing', '', '422 validation_error'],
    ['a list', ['kin_'], '422 validation_error'],
    ['an object', { $ne: '' }, '422 validation_error'],
  ])('that is none is refused: %s', async (_, token, expected) => {
    expect(verdict(await accept(world, token, { password: PASSWORD }))).toBe(expected);
  });
});
