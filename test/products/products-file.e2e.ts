import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { verdict } from '../members/invitations.js';
import { COMPILED } from '../support/process.js';
import { type Person, World } from '../support/world.js';

// As YAML says it, and as a test changes it.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Entry = any;

// A start that is refused loads the whole service first.
jest.setTimeout(180_000);

const folder = mkdtempSync(join(tmpdir(), 'kiket-products-'));
const file = join(folder, 'products.yml');
const original = (): Entry[] => parse(readFileSync('test/support/products.yml', 'utf8')).products;

let world: World;
let member: Person;
beforeAll(async () => {
  write(original());
  world = await World.start({ env: { PRODUCTS_FILE: file } });
  member = await world.register();
});
afterEach(() => {
  write(original());
});
afterAll(async () => {
  await world.stop();
  rmSync(folder, { recursive: true });
});

function write(products: Entry[]): void {
  writeFileSync(file, stringify({ products }));
}

/** The original with one product changed. */
function changed(slug: string, change: (product: Entry) => void): Entry[] {
  const products = original();
  change(products.find((one) => one.slug === slug));
  return products;
}

const rows = async () => world.database.sql('SELECT * FROM products ORDER BY id');

/** What the service says where it is started with the file as it is now. */
function refusedStart(): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync(process.execPath, ['dist/apps/api/src/main.js'], {
    env: { ...world.env, PORT: '0', PATH: process.env['PATH'], NODE_COMPILE_CACHE: COMPILED },
    encoding: 'utf8',
    timeout: 120_000,
  });
  return { status, stderr };
}

it('changes nothing when it is applied again, by several instances at once too', async () => {
  const before = await rows();
  await Promise.all([world.anotherInstance(), world.anotherInstance()]);
  expect(await rows()).toEqual(before);
});

it('changes what it says otherwise, and nothing else: the product keeps its id, its customers and their sessions', async () => {
  const before = await rows();
  write(changed('spravce-gdpr', (product) => {
    product.name = 'Správce';
    product.branding.product_name = 'Správce údajů';
    product.reset_url = 'https://nova.spravce-gdpr.cz/heslo/{token}';
    product.plans.team.scopes = ['issues:read'];
  }));
  await world.passingInstance();
  expect(await rows()).toEqual(
    before.map((row) =>
      row['slug'] === 'spravce-gdpr'
        ? {
            ...row,
            name: 'Správce',
            branding: { ...row['branding'], product_name: 'Správce údajů' },
            reset_url: 'https://nova.spravce-gdpr.cz/heslo/{token}',
            plans: { team: { ...row['plans'].team, scopes: ['issues:read'] } },
          }
        : row,
    ),
  );
  expect((await member.client.get('/auth/me')).body.scopes).toEqual(['issues:read', 'admin']);
  await world.visitor.post('/auth/forgot_password', { email: member.email });
  const mail = await world.mailbox.reset(member.email);
  expect([mail.from?.value[0]?.name, mail.text]).toEqual(['Správce údajů', expect.stringMatching(/https:\/\/nova\.spravce-gdpr\.cz\/heslo\/krt_/)]);
});

it('leaves a product alone that it leaves out', async () => {
  await world.passingInstance();
  const before = await rows();
  write(original().filter(({ slug }) => slug !== 'spravce-gdpr'));
  await world.passingInstance();
  expect(await rows()).toEqual(before);
  expect(verdict(await member.client.get('/auth/me'))).toBe('200');
});

it('moves an origin from one product to another', async () => {
  const products = changed('spravce-gdpr', (product) => void (product.allowed_origins = []));
  products.find(({ slug }) => slug === 'paid-only').allowed_origins = ['https://app.spravce-gdpr.cz'];
  write(products);
  await world.passingInstance();
  const client = world.stranger.with({ origin: 'https://app.spravce-gdpr.cz' });
  const { status, headers, body } = await client.post('/api/v1/auth/register', { email: world.freshEmail(), password: 'SecurePass123!', name: 'X', organization_name: 'X' });
  expect([status, body.subscription.plan_tier, headers.get('access-control-allow-origin')]).toEqual([201, 'base', 'https://app.spravce-gdpr.cz']);
});

describe('refuses the start, says why, and applies nothing, where', () => {
  it.each<[string, () => Entry[], string]>([
    [
      'a plan is left out that subscriptions stand on',
      () => changed('spravce-gdpr', (product) => Object.assign(product, { name: 'X', trial_plan: 'solo', plans: { solo: { scopes: ['issues'] } } })),
      'spravce-gdpr.plans.team: is left out, but subscriptions stand on it',
    ],
    [
      'two products list an origin',
      () => changed('kanzlei', (product) => Object.assign(product, { name: 'X', allowed_origins: ['https://app.spravce-gdpr.cz'] })),
      'products.1.allowed_origins.0: is also listed by spravce-gdpr',
    ],
    [
      'an origin belongs to a product that the file leaves out',
      () => [{ ...original()[0], slug: 'newcomer' }],
      'newcomer.allowed_origins: https://app.spravce-gdpr.cz is also listed by spravce-gdpr',
    ],
    ['it has a fault', () => changed('kanzlei', (product) => void (product.trial_days = -1)), 'products.1.trial_days: '],
  ])('%s', async (_, products, reason) => {
    await world.passingInstance();
    const before = await rows();
    write(products());
    const { status, stderr } = refusedStart();
    expect([status, stderr]).toEqual([1, expect.stringContaining(reason)]);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(await rows()).toEqual(before);
  });
});
