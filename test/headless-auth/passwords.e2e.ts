import { tokenIn } from '../support/mailbox.js';
import { PASSWORD, type Person, World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await world.stop();
});

const registering = (password: unknown, facts: object = {}) =>
  world.visitor.post('/auth/register', { email: world.freshEmail(), password, name: 'Jan', organization_name: 'Acme', ...facts });
const login = (email: string, password: unknown) => world.visitor.post('/auth/login', { email, password });

describe('two passwords', () => {
  const different: [string, string, string][] = [
    ['that differ after 72 bytes', `${'a'.repeat(72)}Prague`, `${'a'.repeat(72)}Berlin`],
    ['that differ after 72 bytes of wide characters', `${'ž'.repeat(40)}Prague`, `${'ž'.repeat(40)}Berlin`],
    ['of which one begins like the other', 'SecurePass123!', 'SecurePass123!x'],
    ['that differ in case', 'SecurePass123!', 'securepass123!'],
    ['of which one ends in a space', 'SecurePass123!', 'SecurePass123! '],
  ];
  it.each(different)('%s are two', async (_, mine, theirs) => {
    const { email } = await world.register({ password: mine });
    expect((await login(email, theirs)).status).toBe(401);
    expect((await login(email, mine)).status).toBe(200);
  });

  it('written composed and decomposed are one', async () => {
    const { email } = await world.register({ password: 'Žluťoučký\u00e9' });
    expect((await login(email, 'Žluťoučký\u00e9'.normalize('NFD'))).status).toBe(200);
  });

  it.each([
    ['equal before a NUL', 'SecurePass\0Prague'],
    ['with a lone surrogate', 'SecurePass\ud83d'],
    ['with another lone surrogate', 'SecurePass\ude00'],
  ])('%s: none is a password, so that no two become one', async (_, password) => {
    const { email, client } = await world.register({ password: 'SecurePass\ufffd' });
    const answers = [
      await registering(password),
      await login(email, password),
      await client.put('/auth/me', { password, current_password: 'SecurePass\ufffd' }),
      await world.visitor.put('/auth/reset_password', { token: 'x', password }),
    ];
    expect(answers.map(({ status, body }) => [status, body.error, Object.keys(body.errors)])).toEqual(
      answers.map(() => [422, 'validation_error', ['password']]),
    );
  });
});

describe('a new password', () => {
  const judged: [string, unknown, number, string | undefined][] = [
    ['of 7 characters', 'Zmrzlin', 422, 'too_short'],
    ['of 8 characters', 'Zmrzlina', 201, undefined],
    ['of 7 emoji', '🍦'.repeat(7), 422, 'too_short'],
    ['of 8 emoji', '🍦🍨🍧🍩🍪🎂🍰🧁', 201, undefined],
    ['of 4 letters with 4 accents apart', 'e\u0301'.repeat(4), 422, 'too_short'],
    ['of 128 characters', 'Zmrzlina'.repeat(16), 201, undefined],
    ['of 129 characters', `${'Zmrzlina'.repeat(16)}!`, 422, 'too_long'],
    ['of 128 emoji', '🍦'.repeat(128), 201, undefined],
    ['of 129 emoji', '🍦'.repeat(129), 422, 'too_long'],
    ['of 128 decomposed letters', 'z\u030c'.repeat(128), 201, undefined],
    ['of 90,000 characters', 'z'.repeat(90_000), 422, 'too_long'],
    ['among the commonest', 'password123', 422, 'too_common'],
    ['among the commonest, in capitals', 'PASSWORD123', 422, 'too_common'],
    ['of spaces', '        ', 201, undefined],
    ['that is empty', '', 422, 'blank'],
    ['that is a number', 1234567890, 422, 'not_a_string'],
    ['that is a list', ['SecurePass123!'], 422, 'not_a_string'],
    ['that is an object', { length: 20 }, 422, 'not_a_string'],
    ['that is null', null, 422, 'blank'],
    ["of the documentation's first sample", 'SecurePass123!', 201, undefined],
    ["of the documentation's second sample", 'NewPass456!', 201, undefined],
  ];

  it.each(judged)('%s', async (_, password, status, code) => {
    const answer = await registering(password);
    expect([answer.status, answer.body.details?.[0]]).toEqual([
      status,
      code === undefined ? undefined : { field: 'password', code, message: expect.any(String) },
    ]);
  });

  it('of a megabyte is too large to be read', async () => {
    const { status, body } = await registering('z'.repeat(1_000_000));
    expect([status, body.error]).toEqual([413, 'payload_too_large']);
  });

  it.each([(email: string) => email, (email: string) => `x${email.toUpperCase()}!`])('that contains the email is refused', async (make) => {
    const email = world.freshEmail();
    const { status, body } = await registering(make(email), { email });
    expect([status, body.details[0].code]).toEqual([422, 'contains_email']);
  });

  it('must be confirmed where a confirmation is sent', async () => {
    const { status, body } = await registering(PASSWORD, { password_confirmation: 'SecurePass124!' });
    expect([status, body.details[0]]).toEqual([422, { field: 'password_confirmation', code: 'mismatch', message: expect.any(String) }]);
  });

  type Change = (password: string) => ReturnType<typeof login>;
  const ways: [string, (person: Person) => Promise<Change>][] = [
    ['PUT /me', async ({ client }) => (password) => client.put('/auth/me', { password, current_password: PASSWORD })],
    [
      'a reset',
      async ({ email }) => {
        await world.visitor.post('/auth/forgot_password', { email });
        const token = tokenIn(await world.mailbox.reset(email));
        return (password) => world.visitor.put('/auth/reset_password', { token, password });
      },
    ],
  ];
  it.each(ways)('is judged by the same rules at %s', async (_, begin) => {
    const person = await world.register();
    const change = await begin(person);
    for (const weak of ['Zmrzlin', 'password123', `x${person.email}`]) expect((await change(weak)).status).toBe(422);
    expect((await login(person.email, PASSWORD)).status).toBe(200);
    expect((await change('Zmrzlina')).status).toBe(200);
    expect((await login(person.email, 'Zmrzlina')).status).toBe(200);
    expect((await login(person.email, PASSWORD)).status).toBe(401);
  });
});

it('a password is nowhere in the database or the log as it was typed', async () => {
  const password = 'Neuhodnutelné-heslo-7';
  const { email } = await world.register({ password });
  await login(email, `${password}x`);
  const [row] = await world.database.sql<{ hash: string }>('SELECT hash FROM passwords p JOIN users u ON u.id = p.user_id WHERE u.email = $1', [email]);
  expect(row?.hash).toMatch(/^\$2b\$\d\d\$/);
  expect(world.logs.join('')).not.toContain(password);
});
