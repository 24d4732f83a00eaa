import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceProcess } from '../support/process.js';
import { World } from '../support/world.js';

jest.setTimeout(240_000);

const KEY = Buffer.alloc(32, 7).toString('base64');
const PRODUCTION = { NODE_ENV: 'production', SMTP_URL: 'smtp://127.0.0.1:2525', MAIL_FROM: 'a@acme.cz', SECRETS_KEY: KEY, PASSWORD_PEPPER: KEY };

const folder = mkdtempSync(join(tmpdir(), 'kiket-config-'));
let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await ServiceProcess.killAll();
  await world.stop();
  rmSync(folder, { recursive: true });
});

/** What a start with these settings says before it ends, line by line; it must end as refused, and quote no code of ours. */
async function refusal(env: Readonly<Record<string, string>>): Promise<string[]> {
  const service = ServiceProcess.spawn({ DATA_DIR: folder, DATABASE_URL: world.database.url, ...env });
  expect(await service.exited).toEqual({ code: 1, signal: null });
  expect(service.said.err).not.toMatch(/^\s+at |\.js\b|node:/m);
  expect(service.said.out).not.toContain('serving on');
  return service.said.err.trim().split('\n').map((line) => line.trim());
}

function products(text: string): string {
  const path = join(folder, `${Math.random()}.yml`);
  writeFileSync(path, text);
  return path;
}

describe('in production', () => {
  it.each(['SMTP_URL', 'MAIL_FROM', 'SECRETS_KEY', 'PASSWORD_PEPPER'])('refuses to start without %s, and names it alone', async (missing) => {
    const given = Object.fromEntries(Object.entries(PRODUCTION).filter(([name]) => name !== missing));
    expect(await refusal(given)).toEqual(['These settings are wrong:', `${missing}: is required with NODE_ENV=production`]);
  });

  it('refuses to start without rate limits', async () => {
    expect(await refusal({ ...PRODUCTION, RATE_LIMITS: 'off' })).toEqual(['These settings are wrong:', 'RATE_LIMITS: must not be off with NODE_ENV=production']);
  });

  it('names all of them where all are missing or empty', async () => {
    const lines = await refusal({ NODE_ENV: 'production', SECRETS_KEY: '', SMTP_URL: '' });
    expect(lines.slice(1).map((line) => line.split(':')[0])).toEqual(['SMTP_URL', 'MAIL_FROM', 'SECRETS_KEY', 'PASSWORD_PEPPER']);
  });
});

describe('refuses to start, with a sentence that says why, where', () => {
  it('settings are malformed: each is named at once', async () => {
    const malformed = {
      PORT: 'many',
      PUBLIC_URL: 'ftp://acme.cz',
      DATABASE_URL: 'mysql://127.0.0.1/x',
      REDIS_URL: 'redis://:hunter2@127.0.0.1/cache',
      SMTP_URL: 'http://127.0.0.1',
      SECRETS_KEY: 'short',
      PASSWORD_PEPPER: Buffer.alloc(31).toString('base64'),
      RATE_LIMITS: 'yes',
      RATE_LIMIT_USER: '0',
      RATE_LIMIT_TOKEN: '1.5',
      RATE_LIMIT_EXTENSION: 'many',
      RATE_LIMIT_UNAUTHENTICATED: '-1',
      LOG_LEVEL: 'loud',
    };
    const lines = await refusal(malformed);
    expect(lines.slice(1).map((line) => line.split(':')[0])).toEqual(Object.keys(malformed));
    expect(lines.join('\n')).not.toMatch(/short|hunter2/);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['a port is none', { PORT: '70000' }, /^PORT: /],
    ['the signing keys are none', { JWT_PRIVATE_KEYS: 'nonsense' }, /^JWT_PRIVATE_KEYS: /],
    ['nobody answers at DATABASE_URL', { DATABASE_URL: 'postgres://root@127.0.0.1:1/x' }, /ECONNREFUSED 127\.0\.0\.1:1$/],
    ['there is no products file', { PRODUCTS_FILE: '/nowhere/products.yml' }, /\/nowhere\/products\.yml/],
  ])('%s', async (_, env, reason) => {
    expect((await refusal({ ...world.env, ...env })).at(-1)).toMatch(reason);
  });

  it('the port is taken', async () => {
    const { port } = new URL(world.instance.base);
    expect((await refusal({ ...world.env, PORT: port })).at(-1)).toContain(`EADDRINUSE`);
  });

  it('the database belongs to other keys', async () => {
    const lines = await refusal({ ...world.env, SECRETS_KEY: KEY });
    expect(lines.slice(1)).toEqual(['SECRETS_KEY: is not the one that this database was first started with']);
    expect((await world.stranger.get('/health/ready')).status).toBe(200);
  });

  it.each<[string, string, RegExp]>([
    ['is no YAML', 'products: [', /./],
    ['has a product without what it needs', 'products:\n  - slug: x\n', /^products\.0\.name: /],
  ])('the products file %s', async (_, text, fault) => {
    const lines = await refusal({ ...world.env, PRODUCTS_FILE: products(text) });
    expect(lines[0]).toBe('The products file has faults:');
    expect(lines.slice(1).some((line) => fault.test(line))).toBe(true);
  });
});
