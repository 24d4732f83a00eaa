import { verdict } from '../members/invitations.js';
import { PASSWORD, type Person, World } from '../support/world.js';

let world: World;
let customer: Person;
beforeAll(async () => {
  world = await World.start();
  customer = await world.register({ product: 'kanzlei' });
  await world.register({ email: customer.email, product: 'kanzlei' });
});
afterAll(async () => {
  await world.stop();
});

const entrances: [string, object][] = [
  ['register', { email: 'x@acme.cz', password: PASSWORD, name: 'X', organization_name: 'X' }],
  ['login', { email: 'x@acme.cz', password: PASSWORD }],
  ['login/select_org', { organization_id: 1, login_token: 'x' }],
];

describe.each(entrances)('%s', (path, body) => {
  const enter = async (headers: Record<string, string>) => world.stranger.with(headers).post(`/api/v1/auth/${path}`, body);

  it('knows an inactive product no more than one that never was', async () => {
    const unknown = await enter({ 'x-product-slug': 'never-was' });
    const inactive = await enter({ 'x-product-slug': 'retired' });
    expect(verdict(inactive)).toBe('400 unknown_product');
    expect({ ...inactive.body, request_id: '' }).toEqual({ ...unknown.body, request_id: '' });
  });

  it('asks for a product where none is named', async () => {
    expect(verdict(await enter({}))).toBe('400 product_required');
  });
});

describe('a product that is switched off', () => {
  let waiting: string;
  beforeAll(async () => {
    waiting = (await world.visitor.product('kanzlei').post('/auth/login', { email: customer.email, password: PASSWORD })).body.login_token;
    await world.database.sql(`UPDATE products SET active = false WHERE slug = 'kanzlei'`);
  });

  it('takes its sessions with it on their next request, and their refresh', async () => {
    expect(verdict(await customer.client.get('/auth/me'))).toBe('401 token_revoked');
    expect(verdict(await world.stranger.bearer(customer.accessToken).get('/api/v1/auth/sessions'))).toBe('401 token_revoked');
    expect(verdict(await world.stranger.post('/api/v1/auth/refresh', { refresh_token: customer.refreshToken }))).toBe('401 token_revoked');
  });

  it('lets nobody in, and its origin is no one’s', async () => {
    const german = world.visitor.product('kanzlei');
    expect(verdict(await german.post('/auth/login', { email: customer.email, password: PASSWORD }))).toBe('400 unknown_product');
    expect(verdict(await german.post('/auth/login/select_org', { organization_id: customer.organizationId, login_token: waiting }))).toBe('400 unknown_product');
    const byOrigin = await world.stranger.with({ origin: 'https://kanzlei.example' }).post('/api/v1/auth/login', { email: customer.email, password: PASSWORD });
    expect([verdict(byOrigin), byOrigin.headers.get('access-control-allow-origin')]).toEqual(['400 product_required', null]);
  });

  it('leaves its people’s other products alone', async () => {
    const elsewhere = await world.register({ email: customer.email });
    expect(verdict(await elsewhere.client.get('/auth/me'))).toBe('200');
  });
});
