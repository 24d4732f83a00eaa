import { gzipSync } from 'node:zlib';
import { type Person, World } from '../support/world.js';

const LIMIT = 100 * 1024;
const JSON_TYPE = 'application/json';

let world: World;
let person: Person;
beforeAll(async () => {
  world = await World.start();
  person = await world.register();
});
afterEach(async () => {
  expect((await world.stranger.get('/health/live')).status).toBe(200);
});
afterAll(async () => {
  await world.stop();
});

/** A body as it is, under a media type. */
async function put(body: string | Buffer, type = JSON_TYPE, headers: Record<string, string> = {}) {
  const response = await fetch(`${world.instance.base}/api/v1/auth/me`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${person.accessToken}`, 'content-type': type, ...headers },
    body: new Uint8Array(typeof body === 'string' ? Buffer.from(body) : body),
  });
  return { status: response.status, body: await response.json() as Record<string, unknown> };
}

const ofLength = (bytes: number) => {
  const empty = JSON.stringify({ name: 'Jan Novak', filler: '' });
  return JSON.stringify({ name: 'Jan Novak', filler: 'x'.repeat(bytes - empty.length) });
};

describe('a body', () => {
  it('may be 100 KB long, and no byte longer', async () => {
    expect((await put(ofLength(LIMIT))).status).toBe(200);
    const { status, body } = await put(ofLength(LIMIT + 1));
    expect([status, body['error']]).toEqual([413, 'payload_too_large']);
  });

  it('is measured also where it does not say its length', async () => {
    const stream = (bytes: number) => new Blob([ofLength(bytes)]).stream();
    const send = (bytes: number) =>
      fetch(`${world.instance.base}/api/v1/auth/me`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${person.accessToken}`, 'content-type': JSON_TYPE },
        body: stream(bytes),
        duplex: 'half',
      } as RequestInit);
    expect((await send(LIMIT)).status).toBe(200);
    expect((await send(LIMIT + 1)).status).toBe(413);
  });

  it.each([
    [413, JSON_TYPE],
    [415, 'multipart/form-data; boundary=x'],
    [415, 'text/plain'],
  ])('of 8 MB gets its answer too: %i for %s', async (expected, type) => {
    for (let time = 0; time < 5; time += 1) expect((await put(Buffer.alloc(8 * 1024 * 1024, 'x'), type)).status).toBe(expected);
  });

  it.each(['application/json; charset=utf-8', 'application/json;charset=UTF-8', 'application/json; charset="utf-8"', 'APPLICATION/JSON'])('is read as %s', async (type) => {
    expect((await put('{"name":"Jan Novak"}', type)).status).toBe(200);
  });

  it.each([
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    'text/json',
    'application/xml',
    'application/vnd.api+json',
    'application/jsonp',
    'application/json, text/plain',
    'text/plain; application/json',
    'application/json; charset=latin1',
    'application/json; charset=utf-16',
    'application/json; charset=utf-7',
    'application/json; charset=__proto__',
    'application/json; version=1',
    'x',
    ';',
  ])('is refused as %s', async (type) => {
    const { status, body } = await put('{"name":"Jan Novak"}', type);
    expect([status, body['error']]).toEqual([415, 'unsupported_media_type']);
  });

  it('is refused without a media type', async () => {
    const { status, body } = await put('{"name":"Jan Novak"}', '');
    expect([status, body['error']]).toEqual([415, 'unsupported_media_type']);
  });

  it('of another site’s form signs nobody in', async () => {
    const { email } = person;
    const headers = { origin: 'https://evil.example', 'content-type': 'application/x-www-form-urlencoded' };
    const { status } = await world.visitor.with(headers).post('/auth/login', `email=${encodeURIComponent(email)}&password=SecurePass123%21`);
    expect(status).toBe(415);
    const asText = await world.visitor.with({ ...headers, 'content-type': 'text/plain' }).post('/auth/login', JSON.stringify({ email, password: 'SecurePass123!' }));
    expect(asText.status).toBe(415);
  });

  it.each(['gzip', 'deflate', 'br', 'zstd', 'gzip, gzip', 'x-unknown'])('is never unpacked: %s', async (encoding) => {
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024));
    const { status, body } = await put(bomb, JSON_TYPE, { 'content-encoding': encoding });
    expect([status, body['error']]).toEqual([415, 'unsupported_media_type']);
  });

  it.each<[string, string | Buffer]>([
    ['half an object', '{"name":'],
    ['two objects', '{"name":"a"}{"name":"b"}'],
    ['a comma too many', '{"name":"a",}'],
    ['single quotes', "{'name':'a'}"],
    ['no quotes', '{name:1}'],
    ['a comment', '{"name":"a"/**/}'],
    ['NaN', '{"name":NaN}'],
    ['a form', 'name=a'],
    ['blanks only', '   '],
    ['an array', '[{"name":"a"}]'],
    ['a text', '"name"'],
    ['a number', '42'],
    ['true', 'true'],
    ['null', 'null'],
    ['a byte order mark', '\ufeff{"name":"a"}'],
    ['UTF-16', Buffer.from('{"name":"a"}', 'utf16le')],
    ['a byte that is no UTF-8', Buffer.from('7b226e616d65223a22ff227d', 'hex')],
    ['an overlong slash', Buffer.from('7b226e616d65223a22c0af227d', 'hex')],
    ['a surrogate in UTF-8', Buffer.from('7b226e616d65223a22eda080227d', 'hex')],
    ['a character cut in half', Buffer.from('7b226e616d65223a22c5', 'hex')],
    ['a raw NUL', '{"name":"a\u0000"}'],
    ['a raw line end in a text', '{"name":"a\n"}'],
    ['arrays 100,000 deep, never closed', '['.repeat(100_000)],
    ['an array 50,000 deep', `{"name":${'['.repeat(50_000)}${']'.repeat(50_000)}}`],
    ['objects 17,000 deep', `${'{"a":'.repeat(17_000)}1${'}'.repeat(17_000)}`],
    ['objects 40 deep', `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`],
  ])('is refused as malformed: %s', async (_, body) => {
    const answer = await put(body);
    expect([answer.status, answer.body['error']]).toEqual([400, 'malformed_request']);
    expect(answer.body).not.toHaveProperty('details');
  });

  it('that is an array 100,000 deep is too long as well', async () => {
    expect((await put(`{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)).status).toBe(413);
  });

  it('may nest as far as any sensible client does', async () => {
    expect((await put(`{"name":"Jan Novak","more":${'{"a":'.repeat(20)}1${'}'.repeat(20)}}`)).status).toBe(200);
  });

  it('that is left out is an empty one', async () => {
    const { status, body } = await world.visitor.send('POST', '/auth/login');
    expect([status, body.error, Object.keys(body.errors)]).toEqual([422, 'validation_error', ['email', 'password']]);
  });
});
