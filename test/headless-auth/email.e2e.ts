import { PASSWORD, World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await world.stop();
});

const register = (email: unknown) =>
  world.visitor.post('/auth/register', { email, password: PASSWORD, name: 'Jan', organization_name: `Acme ${Math.random()}` });
const login = (email: unknown) => world.visitor.post('/auth/login', { email, password: PASSWORD });

describe('one account', () => {
  const spellings: [string, string, string][] = [
    ['upper case', 'jan@acme.cz', 'JAN@ACME.CZ'],
    ['spaces around', 'eva@acme.cz', ' \t eva@acme.cz  '],
    ['no-break and wide spaces around', 'iva@acme.cz', '\u00a0iva@acme.cz\u3000'],
    ['another composition', 'jos\u00e9@acme.cz', 'jose\u0301@acme.cz'],
    ['a Kelvin sign', 'mike@acme.cz', 'mi\u212Ae@acme.cz'],
    ['a dotless i', 'lili@acme.cz', 'l\u0131l\u0131@acme.cz'],
    ['a dotted capital I', 'lida@acme.cz', 'L\u0130DA@acme.cz'],
    ['wide letters', 'ota@acme.cz', '\uff4f\uff54\uff41@acme.cz'],
    ['an international domain in its ASCII form', 'jan@b\u00fccher.example', 'jan@xn--bcher-kva.example'],
    ['an international domain in capitals', 'pavel@b\u00fccher.example', 'PAVEL@B\u00dcCHER.example'],
  ];

  it.each(spellings)('is what is written with %s', async (_, first, second) => {
    const { status, body } = await register(first);
    expect(status).toBe(201);
    expect((await login(second)).body.user).toEqual(body.user);
    const again = await register(second);
    expect([again.status, again.body.user?.id]).toEqual([201, body.user.id]);
  });

  it.each(spellings.map(([what, first, second]) => [what, `x${second.trim()}`, `x${first}`] as const))('whichever came first, also with %s', async (_, first, second) => {
    const { status, body } = await register(first);
    expect(status).toBe(201);
    expect((await register(second)).body.user?.id).toBe(body.user.id);
  });

  it('keeps the address as it was written first, whoever asks', async () => {
    await register('Petr.Novak@acme.cz');
    expect((await login('petr.novak@ACME.CZ')).body.user.email).toBe('Petr.Novak@acme.cz');
  });

  it('is never shared by addresses that merely look alike to a mail server of theirs', async () => {
    for (const [one, other] of [['a.b@acme.cz', 'ab@acme.cz'], ['c+d@acme.cz', 'c@acme.cz'], ['e@acme.cz', 'e@acme.com']]) {
      const ids = [(await register(one)).body.user.id, (await register(other)).body.user.id];
      expect(new Set(ids).size).toBe(2);
    }
  });
});

describe('an invalid address', () => {
  const invalid: [string, unknown][] = [
    ['empty', ''],
    ['only spaces', '   '],
    ['without a domain', 'jan'],
    ['without a name', '@acme.cz'],
    ['of a host', 'jan@localhost'],
    ['two in one', 'jan@acme.cz,eva@acme.cz'],
    ['two in one, by a semicolon', 'jan@acme.cz;eva@acme.cz'],
    ['with a second line', 'jan@acme.cz\r\nBcc: eva@acme.cz'],
    ['with a space inside', 'jan novak@acme.cz'],
    ['with a name before it', 'Jan <jan@acme.cz>'],
    ['quoted', '"jan"@acme.cz'],
    ['with two dots', 'jan..novak@acme.cz'],
    ['with two @', 'jan@eva@acme.cz'],
    ['with a look-alike of @', 'jan\uff20acme.cz'],
    ['of an address', 'jan@[127.0.0.1]'],
    ['of a number', 'jan@127.0.0.1'],
    ['with a NUL', 'jan@acme.cz\0'],
    ['with half a character', 'jan\ud800@acme.cz'],
    ['too long', `${'a'.repeat(64)}@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(10)}.cz`],
    ['a list', ['jan@acme.cz']],
    ['an object', { $ne: null }],
    ['a number', 42],
    ['true', true],
    ['null', null],
    ['missing', undefined],
  ];

  it.each(invalid)('%s is 422 on the field, and leaves no row behind', async (_, email) => {
    const before = await rows();
    for (const { status, body } of [await register(email), await login(email), await world.visitor.post('/auth/forgot_password', { email })]) {
      expect([status, body.error, body.details?.map(({ field }: { field: string }) => field)]).toEqual([422, 'validation_error', ['email']]);
      expect(Object.keys(body.errors)).toEqual(['email']);
    }
    expect(await rows()).toEqual(before);
  });
});

async function rows(): Promise<object[]> {
  return world.database.sql(
    `SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM attempts) AS attempts, (SELECT count(*) FROM audit_entries) AS entries`,
  );
}
