import { type Person, World } from '../support/world.js';
import { rawAnswer, rawRequest, requestBytes } from './raw-request.js';

let world: World;
let person: Person;
beforeAll(async () => {
  world = await World.start();
  person = await world.register();
});
afterAll(async () => {
  await world.stop();
});

const JSON_TYPE = 'Content-Type: application/json';
const LIVE = 'GET /health/live';
const LOGIN = 'POST /api/v1/auth/login';

describe('what is no single HTTP request', () => {
  it.each<[string, () => string]>([
    ['two lengths that differ', () => requestBytes(LOGIN, [JSON_TYPE, 'Content-Length: 2', 'Content-Length: 3'], '{}')],
    ['one length twice', () => requestBytes(LOGIN, [JSON_TYPE, 'Content-Length: 2', 'Content-Length: 2'], '{}')],
    ['two lengths in one header', () => requestBytes(LOGIN, [JSON_TYPE, 'Content-Length: 2, 2'], '{}')],
    ['a length in words', () => requestBytes(LOGIN, [JSON_TYPE, 'Content-Length: two'], '{}')],
    ['a length below zero', () => requestBytes(LOGIN, [JSON_TYPE, 'Content-Length: -2'], '{}')],
    ['a length in hex', () => requestBytes(LOGIN, [JSON_TYPE, 'Content-Length: 0x2'], '{}')],
    ['a length beside chunks', () => requestBytes(LOGIN, [JSON_TYPE, 'Content-Length: 7', 'Transfer-Encoding: chunked'], '2\r\n{}\r\n0\r\n\r\n')],
    ['chunks and a coding after them', () => requestBytes(LOGIN, [JSON_TYPE, 'Transfer-Encoding: chunked, identity'], '2\r\n{}\r\n0\r\n\r\n')],
    ['a chunk of an impossible length', () => requestBytes(LOGIN, [JSON_TYPE, 'Transfer-Encoding: chunked'], 'zz\r\n{}\r\n0\r\n\r\n')],
    ['a folded header', () => requestBytes(LIVE, ['X-One: a', ' b'])],
    ['a folded credential', () => requestBytes('GET /api/v1/auth/me', ['Authorization: Bearer', `\t${person.accessToken}`])],
    ['a header of no name', () => requestBytes(LIVE, [': x'])],
    ['a space before the colon', () => requestBytes(LIVE, ['X-One : x'])],
    ['a header of no value sign', () => requestBytes(LIVE, ['X-One'])],
    ['bare line feeds', () => 'GET /health/live HTTP/1.1\nHost: auth.test\nConnection: close\n\n'],
    ['a NUL in a header', () => requestBytes(LIVE, ['X-One: a\0b'])],
    ['an escape code in a header', () => requestBytes(LIVE, ['User-Agent: a\x1b[31mb'])],
    ['an escape code in the path', () => requestBytes('GET /health/\x1b[31mlive')],
    ['a bare carriage return in a header', () => requestBytes(LIVE, ['X-One: a\rX-Two: b'])],
    ['a space in the path', () => requestBytes('GET /health/live x')],
    ['a method in small letters', () => requestBytes('get /health/live')],
    ['an unknown method', () => requestBytes('FROB /health/live')],
    ['another protocol', () => 'SSH-2.0-OpenSSH_9.9\r\n\r\n'],
    ['a TLS greeting', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'],
    ['another version of HTTP', () => 'GET /health/live HTTP/9.9\r\n\r\n'],
    ['a line of 20 KB', () => requestBytes(`GET /health/live?${'x'.repeat(20_000)}`)],
  ])('is refused as malformed: %s', async (_, bytes) => {
    const { status, headers, body } = await rawRequest(world.instance.base, bytes());
    expect([status, body.error]).toEqual([400, 'malformed_request']);
    expect(body).toEqual({ error: 'malformed_request', message: 'The request could not be understood. Please check it and try again.', request_id: headers['x-request-id'] });
    expect([headers['connection'], headers['content-language']]).toEqual(['close', 'en']);
    expect(headers).not.toHaveProperty('x-powered-by');
  });

  it.each<[string, () => string[]]>([
    ['one header', () => [`X-One: ${'x'.repeat(20_000)}`]],
    ['one name of a header', () => [`${'X'.repeat(20_000)}: x`]],
    ['many headers', () => Array.from({ length: 2_000 }, (_, index) => `X-${index}: ${index}`)],
    ['a cookie', () => [`Cookie: ${'a=b; '.repeat(4_000)}`]],
    ['a credential', () => [`Authorization: Bearer ${'a'.repeat(16_384)}`]],
    ['10,000 languages', () => [`Accept-Language: ${Array.from({ length: 10_000 }, (_, index) => `x${index}`).join(',')}`]],
  ])('is refused for too large headers: %s', async (_, lines) => {
    const { status, headers, body } = await rawRequest(world.instance.base, requestBytes(LIVE, lines()));
    expect([status, body]).toEqual([431, { error: 'payload_too_large', message: 'The data you sent is too large.', request_id: headers['x-request-id'] }]);
  });

  it('leaves the next caller alone', async () => {
    expect((await world.stranger.get('/health/live')).status).toBe(200);
    expect((await person.client.get('/auth/me')).status).toBe(200);
  });
});

describe('a second request in the shadow of the first', () => {
  it('is answered as a request of its own, with no credential of the first', async () => {
    const first = `GET /api/v1/auth/me HTTP/1.1\r\nHost: auth.test\r\nAuthorization: Bearer ${person.accessToken}\r\n\r\n`;
    const text = await rawAnswer(world.instance.base, first + requestBytes('GET /api/v1/auth/me'));
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 401']);
  });

  it('that stands in a refused body is never read as one', async () => {
    const smuggled = `GET /api/v1/auth/me HTTP/1.1\r\nHost: auth.test\r\nAuthorization: Bearer ${person.accessToken}\r\n\r\n`;
    const head = `POST /api/v1/auth/login HTTP/1.1\r\nHost: auth.test\r\nContent-Type: text/plain\r\nContent-Length: ${smuggled.length + 100_000}\r\n\r\n`;
    const { status, headers, body } = await rawRequest(world.instance.base, head + smuggled);
    expect([status, headers['connection'], body.error]).toEqual([415, 'close', 'unsupported_media_type']);
    expect(JSON.stringify(body)).not.toContain(person.email);
  });
});
