import { crc32 } from 'node:zlib';
import { rawRequest, requestBytes } from '../edge/raw-request.js';
import { verdict } from '../members/invitations.js';
import { type Person, type Token, World } from '../support/world.js';

const AT_ONCE = 20;
const INVALID = '401 invalid_token';
const END = '2099-01-31T23:59:00.000Z';
const TOKENS = '/workspace_api_tokens';
const LETTERS = '0123456789abcdefghijklmnopqrstuvwxyz';

let world: World;
let admin: Person;
let token: Token;
beforeAll(async () => {
  world = await World.start();
  admin = await world.register();
  token = await world.token(admin);
});
afterAll(async () => {
  await world.stop();
});

const raw = async (headers: readonly string[], query = '') => rawRequest(world.instance.base, requestBytes(`GET /api/v1/issues${query}`, headers));
const present = async (credential: string) => verdict(await world.bearer(credential).get('/issues'));
const sealed = (body: string) => body + crc32(body).toString(16).padStart(8, '0');

/** Everything that is one slip away from a token: another letter, one too many, one too few, two swapped, another case, cut, doubled. */
function misspelt(text: string): string[] {
  const letters = [...text];
  const spliced = (index: number, removed: number, ...added: string[]) => letters.toSpliced(index, removed, ...added).join('');
  const wrong = letters.flatMap((letter, index) => [
    ...[...LETTERS, '-', '.', '_', '~'].map((other) => spliced(index, 1, other)),
    spliced(index, 1, letter.toUpperCase()),
    spliced(index, 0, '0'),
    spliced(index, 1),
    spliced(index, 2, letters[index + 1] ?? '', letter),
    text.slice(0, index),
    text.slice(0, index).toUpperCase() + text.slice(index),
  ]);
  const others = [text + text, `${text}0`, `${text}=`, text.toUpperCase(), sealed(text), text.slice(0, -8) + '0'.repeat(8), text.slice(0, -8) + sealed(text.slice(5, -8)).slice(-8)];
  return [...new Set([...wrong, ...others])].filter((one) => one !== text && one !== '');
}

/** What each is told, by a few at once. */
async function told(credentials: readonly string[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const waiting = [...credentials];
  const lane = async (): Promise<void> => {
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
      const answer = await present(one);
      counts[answer] = (counts[answer] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return counts;
}

describe('a token that is misspelt', () => {
  it('is invalid in two thousand ways, none of which reaches the database: without it they are refused the same', async () => {
    const slips = misspelt(token.token);
    expect(slips.length).toBeGreaterThan(2_000);
    await world.database.outage(async () => {
      expect(await present(token.token)).toBe('503 unavailable');
      expect(await present(sealed(`wksp_${'0'.repeat(40)}`))).toBe('503 unavailable');
      expect(await told(slips)).toEqual({ [INVALID]: slips.length });
    });
    expect(await present(token.token)).toBe('200');
  });

  it('is as invalid as one of good form that was never issued', async () => {
    const forged = [...LETTERS.slice(0, 16)].map((digit) => sealed(`wksp_${digit.repeat(40)}`));
    forged.push(sealed(`${token.token.slice(0, -9)}${token.token.at(-9) === '0' ? '1' : '0'}`));
    expect(await told(forged)).toEqual({ [INVALID]: forged.length });
  });

  it.each<[string, (text: string) => string]>([
    ['in capitals', (text) => text.toUpperCase()],
    ['under another scheme of ours', (text) => sealed(`ext_live_${text.slice(5, -8)}`)],
    ['without its scheme', (text) => text.slice(5)],
    ['with high bytes', (text) => `${text}\u00e9`],
    ['with quotes', (text) => `"${text}"`],
    ['with 15 KB behind it', (text) => text + '0'.repeat(15_000)],
  ])('is invalid %s, and challenged as such', async (_, form) => {
    const { status, body, headers } = await raw([`Authorization: Bearer ${form(token.token)}`]);
    expect([status, body.error, headers['www-authenticate']]).toEqual([401, 'invalid_token', expect.stringContaining('Bearer realm="kiket", error="invalid_token", error_description="invalid_token"')]);
  });
});

describe('a token', () => {
  it('is a bearer in any case of the scheme', async () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) expect((await raw([`Authorization: ${scheme} ${token.token}`])).status).toBe(200);
  });

  it.each<[string, (text: string) => string[], string, number, string]>([
    ['as an extension’s key', (text) => [`X-Kiket-API-Key: ${text}`], '', 401, 'invalid_token'],
    ['as a password', (text) => [`Authorization: Basic ${Buffer.from(`x:${text}`).toString('base64')}`], '', 401, 'invalid_token'],
    ['alone', (text) => [`Authorization: ${text}`], '', 401, 'invalid_token'],
    ['twice', (text) => [`Authorization: Bearer ${text}`, `Authorization: Bearer ${text}`], '', 400, 'malformed_request'],
    ['beside an extension’s key', (text) => [`Authorization: Bearer ${text}`, 'X-Kiket-API-Key: ext_live_x'], '', 400, 'malformed_request'],
    ['beside one in the query', (text) => [`Authorization: Bearer ${text}`], '?access_token=x', 400, 'malformed_request'],
    ['with another behind it', (text) => [`Authorization: Bearer ${text} ${text}`], '', 400, 'malformed_request'],
    ['as two in one header', (text) => [`Authorization: Bearer ${text}, Bearer ${text}`], '', 400, 'malformed_request'],
  ])('opens nothing %s', async (_, headers, query, status, error) => {
    const answer = await raw(headers(token.token), query);
    expect([answer.status, answer.body.error]).toEqual([status, error]);
  });

  it.each(['access_token', 'token', 'Authorization', 'api_key'])('in ?%s= opens nothing and stands in no log', async (name) => {
    world.logs.length = 0;
    const { status, body } = await raw([], `?${name}=${token.token}`);
    expect([status, body.error]).toEqual([401, 'authorization_required']);
    expect(world.logs.join('')).toContain('/api/v1/issues');
    expect(world.logs.join('')).not.toContain(token.token.slice(13));
  });

  it.each(['kanzlei', 'kiket', 'no-such-product', 'retired', '', 'SPRAVCE-GDPR', 'spravce-gdpr, kanzlei'])('is invalid under the slug %j of another product, and is not used up by it', async (slug) => {
    expect(verdict(await token.client.product(slug).get('/issues'))).toBe(INVALID);
    expect(verdict(await token.client.product('spravce-gdpr').get('/issues'))).toBe('200');
  });

  it('opens none of what only people have, and no login', async () => {
    const answers = [
      await token.client.get('/auth/me'), await token.client.put('/auth/me', { name: 'X' }), await token.client.post('/auth/logout'), await token.client.get('/auth/sessions'),
      await token.client.delete('/auth/sessions'), await token.client.post('/auth/switch_org', { organization_id: admin.organizationId }),
    ];
    expect(answers.map(verdict)).toEqual(answers.map(() => '403 forbidden'));
    expect(verdict(await world.visitor.post('/auth/refresh', { refresh_token: token.token }))).toBe('401 invalid_token');
  });

  it('that ends says when, whatever it is answered; no other credential does', async () => {
    const ending = await world.token(admin, { scopes: ['issues', 'admin'], expires_at: END });
    const calls: [string, 'GET' | 'POST', object | undefined, string][] = [
      ['/issues', 'GET', undefined, '200'],
      ['/projects', 'GET', undefined, '403 insufficient_scope'],
      ['/auth/me', 'GET', undefined, '403 forbidden'],
      ['/issues/999999', 'GET', undefined, '404 not_found'],
      [TOKENS, 'POST', { name: '' }, '422 validation_error'],
      [`${TOKENS}/${ending.id}/rotate`, 'POST', { grace_period_seconds: 600 }, '200'],
    ];
    for (const [path, method, body, answer] of calls) {
      const sent = async ({ client }: Pick<Token, 'client'>) => client.send(method, path, body);
      const { headers, ...rest } = await sent(ending);
      expect([verdict({ headers, ...rest }), headers.get('x-token-expires-at')]).toEqual([answer, END]);
      for (const without of [token, admin]) expect((await sent(without)).headers.get('x-token-expires-at')).toBeNull();
    }
    expect((await ending.client.product('kanzlei').get('/issues')).headers.get('x-token-expires-at')).toBeNull();
    await admin.client.delete(`${TOKENS}/${ending.id}`);
    const { status, headers } = await ending.client.get('/issues');
    expect([status, headers.get('x-token-expires-at')]).toEqual([401, null]);
  });

  it('is refused in the language of its owner once it is dead, and in the request’s where one is asked for', async () => {
    const owner = await world.member(admin, 'admin');
    await owner.client.put('/auth/me', { locale: 'de' });
    const { id, client } = await world.token(owner);
    await admin.client.delete(`${TOKENS}/${id}`);
    const languages = [await client.get('/issues'), await client.with({ 'accept-language': 'en' }).get('/issues')].map(({ headers }) => headers.get('content-language'));
    expect(languages).toEqual(['de', 'en']);
  });
});
