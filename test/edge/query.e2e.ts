import { type Person, World } from '../support/world.js';
import { rawRequest, requestBytes } from './raw-request.js';

let world: World;
let person: Person;
beforeAll(async () => {
  world = await World.start();
  person = await world.register();
});
afterAll(async () => {
  await world.stop();
});

const get = (path: string) => rawRequest(world.instance.base, requestBytes(`GET ${path}`, [`Authorization: Bearer ${person.accessToken}`]));
const parameters = (count: number) => Array.from({ length: count }, (_, index) => `p${index}=1`).join('&');

describe('a query', () => {
  it.each<[string, string]>([
    ['a parameter twice', 'page=1&page=1'],
    ['a parameter twice, once encoded', 'page=1&p%61ge=1'],
    ['an unknown parameter twice', 'x=1&x=2'],
    ['a parameter twice without a value', 'x&x'],
    ['an array', 'page[]=1'],
    ['an encoded array', 'page%5B%5D=1'],
    ['an object', 'page[gt]=1'],
    ['a bracket that opens nothing', 'page]=1'],
    ['a bad percent', 'page=%zz'],
    ['half a percent', 'page=%'],
    ['a percent in a name', '%zz=1'],
    ['bytes that are no UTF-8', 'page=%ff'],
    ['an overlong slash', 'page=%c0%af'],
    ['a surrogate', 'page=%ed%a0%80'],
    ['NUL', 'page=%00'],
    ['101 parameters', parameters(101)],
    ['10,000 empty parameters', '&'.repeat(10_000)],
    ['10,000 parameters', parameters(10_000)],
  ])('is refused as malformed with %s', async (_, query) => {
    for (const path of ['/api/v1/auth/sessions', '/health/live']) {
      const { status, body } = await get(`${path}?${query}`);
      expect([status, body.error]).toEqual([400, 'malformed_request']);
    }
  });

  it.each(['', '&', 'x', 'x=', '=x', 'x=a=b', 'x=a+b', 'x=%C5%99', '__proto__=1', 'constructor=1', 'toString=1', 'x=1&X=2', parameters(100)])('is ignored where nobody asks for it: %s', async (query) => {
    expect((await get(`/api/v1/auth/sessions?${query}`)).status).toBe(200);
  });
});

describe('a page', () => {
  it.each(['0', '-1', '1.5', '1e2', '0x10', '01', '+1', '%201', 'abc', '', '9999999999', '1;', 'NaN', 'null', "1'", '1%20OR%201=1', '__proto__', '%EF%BC%91'])('is no %j', async (value) => {
    for (const field of ['page', 'per_page']) {
      const { status, body } = await get(`/api/v1/auth/sessions?${field}=${value}`);
      expect([status, body.error, body.details]).toEqual([422, 'validation_error', [{ field, code: 'invalid', message: expect.any(String) }]]);
    }
  });

  it('holds 25 rows unless another number is asked for, never more than 100, and says how many there are', async () => {
    for (let time = 0; time < 29; time += 1) await world.login(person.email);
    const meta = async (query: string) => {
      const { body } = await get(`/api/v1/auth/sessions${query}`);
      expect(body.data.length).toBe(Math.max(0, Math.min(body.meta.per_page, 30 - (body.meta.current_page - 1) * body.meta.per_page)));
      return body.meta;
    };
    expect(await meta('')).toEqual({ current_page: 1, per_page: 25, total_pages: 2, total_count: 30 });
    expect(await meta('?page=2')).toEqual({ current_page: 2, per_page: 25, total_pages: 2, total_count: 30 });
    expect(await meta('?per_page=7&page=5')).toEqual({ current_page: 5, per_page: 7, total_pages: 5, total_count: 30 });
    expect(await meta('?per_page=100')).toEqual({ current_page: 1, per_page: 100, total_pages: 1, total_count: 30 });
    expect(await meta('?per_page=101')).toEqual({ current_page: 1, per_page: 100, total_pages: 1, total_count: 30 });
    expect(await meta('?per_page=999999999')).toEqual({ current_page: 1, per_page: 100, total_pages: 1, total_count: 30 });
    expect(await meta('?page=999999999')).toEqual({ current_page: 999_999_999, per_page: 25, total_pages: 2, total_count: 30 });
  });
});
