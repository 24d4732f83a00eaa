import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { parseProducts } from './products-file.js';

type Entry = Record<string, unknown>;

const product = (changes: Entry = {}): Entry => ({
  slug: 'acme',
  name: 'Acme',
  default_locale: 'en',
  branding: { product_name: 'Acme', from_email: 'post@acme.example', support_email: 'help@acme.example' },
  app_url: 'https://acme.example/app/',
  reset_url: 'https://acme.example/reset?token={token}',
  trial_days: 14,
  trial_plan: 'base',
  plans: { base: { scopes: ['issues'] } },
  ...changes,
});

const read = (...entries: Entry[]) => parseProducts(stringify({ products: entries }));
const faultsOf = (yaml: string): string[] => {
  try {
    parseProducts(yaml);
  } catch (error) {
    const { name, message } = error as Error;
    expect(name).toBe('ProductsFileError');
    return message.split('\n').slice(1).map((line) => line.trim());
  }
  return [];
};
const faults = (...entries: Entry[]) => faultsOf(stringify({ products: entries }));

describe('the shipped file', () => {
  const shipped = parseProducts(readFileSync('config/products.yml', 'utf8'));

  it('holds the documentation’s product, Czech, tried for a fortnight, in four tiers', () => {
    const gdpr = shipped.find(({ slug }) => slug === 'spravce-gdpr');
    expect(gdpr).toMatchObject({ active: true, defaultLocale: 'cs', trialDays: 14, graceDays: 7 });
    expect(Object.keys(gdpr?.plans ?? {})).toEqual(['solo', 'team', 'agency', 'enterprise']);
  });

  it('holds the first-party product, whose pages are the service’s own', () => {
    expect(shipped.find(({ slug }) => slug === 'kiket')?.resetUrl).toBe('{public_url}/settings/reset-password?token={token}');
  });
});

it('fills in what may be left out', () => {
  expect(read(product())).toEqual([
    expect.objectContaining({
      active: true,
      allowedOrigins: [],
      graceDays: 7,
      stripeAccount: null,
      invitationUrl: 'https://acme.example/app/invitation?token={token}',
      plans: { base: { scopes: ['issues'], limits: {} } },
    }),
  ]);
});

describe('names the path of', () => {
  const branding = product()['branding'] as Entry;
  it.each<[string, Entry, string]>([
    ['a slug that is no slug', { slug: 'Acme s.r.o.' }, 'products.0.slug'],
    ['a slug in capitals', { slug: 'ACME' }, 'products.0.slug'],
    ['no name', { name: undefined }, 'products.0.name'],
    ['an activity that is neither yes nor no', { active: 'maybe' }, 'products.0.active'],
    ['a language that is not spoken', { default_locale: 'fr' }, 'products.0.default_locale'],
    ['an origin with a path', { allowed_origins: ['https://acme.example/app'] }, 'products.0.allowed_origins.0'],
    ['an origin with a slash', { allowed_origins: ['https://a.example', 'https://acme.example/'] }, 'products.0.allowed_origins.1'],
    ['any origin', { allowed_origins: ['*'] }, 'products.0.allowed_origins.0'],
    ['no origin', { allowed_origins: ['null'] }, 'products.0.allowed_origins.0'],
    ['no brand', { branding: undefined }, 'products.0.branding'],
    ['a brand without a name', { branding: { ...branding, product_name: '' } }, 'products.0.branding.product_name'],
    ['a sender that is no address', { branding: { ...branding, from_email: 'acme' } }, 'products.0.branding.from_email'],
    ['two senders', { branding: { ...branding, from_email: 'a@acme.example, b@acme.example' } }, 'products.0.branding.from_email'],
    ['a support that is no address', { branding: { ...branding, support_email: 'Help <h@acme.example>' } }, 'products.0.branding.support_email'],
    ['a logo that is a script', { branding: { ...branding, logo_url: 'javascript:alert(1)' } }, 'products.0.branding.logo_url'],
    ['a colour that is more', { branding: { ...branding, primary_color: 'red;}' } }, 'products.0.branding.primary_color'],
    ['an unknown word of the brand', { branding: { ...branding, colour: '#ffffff' } }, 'products.0.branding'],
    ['a page that is no web page', { app_url: 'ftp://acme.example' }, 'products.0.app_url'],
    ['a reset page without a place for the token', { reset_url: 'https://acme.example/reset' }, 'products.0.reset_url'],
    ['a reset page that is a script', { reset_url: 'javascript:{token}' }, 'products.0.reset_url'],
    ['an invitation page without a place for the token', { invitation_url: 'https://acme.example/' }, 'products.0.invitation_url'],
    ['half a day of trial', { trial_days: 0.5 }, 'products.0.trial_days'],
    ['less than no trial', { trial_days: -1 }, 'products.0.trial_days'],
    ['a trial in words', { trial_days: 'fourteen' }, 'products.0.trial_days'],
    ['a trial of a plan that is none', { trial_plan: 'gold' }, 'products.0.trial_plan'],
    ['a trial of what every object has', { trial_plan: 'constructor' }, 'products.0.trial_plan'],
    ['a grace of less than nothing', { grace_days: -7 }, 'products.0.grace_days'],
    ['no plans', { plans: undefined }, 'products.0.plans'],
    ['a plan without scopes', { plans: { base: {} } }, 'products.0.plans.base.scopes'],
    ['an unknown scope', { plans: { base: { scopes: ['issues', 'everything'] } } }, 'products.0.plans.base.scopes.1'],
    ['any scope', { plans: { base: { scopes: ['*'] } } }, 'products.0.plans.base.scopes.0'],
    ['administration in a plan', { plans: { base: { scopes: ['admin'] } } }, 'products.0.plans.base.scopes.0'],
    ['a part of administration in a plan', { plans: { base: { scopes: ['admin:read'] } } }, 'products.0.plans.base.scopes.0'],
    ['no user at all', { plans: { base: { scopes: [], limits: { max_users: 0 } } } }, 'products.0.plans.base.limits.max_users'],
    ['an unknown limit', { plans: { base: { scopes: [], limits: { users: 3 } } } }, 'products.0.plans.base.limits'],
    ['an unknown word', { trial_day: 14 }, 'products.0'],
  ])('%s', (_, changes, path) => {
    expect(faults(product(changes)).map((fault) => fault.split(':')[0])).toContain(path);
  });

  it('a slug that stands twice', () => {
    expect(faults(product(), product())).toEqual(['products.1.slug: stands twice']);
  });

  it('an origin that two products list, and by whom', () => {
    const origins = { allowed_origins: ['https://app.example'] };
    expect(faults(product(origins), product({ slug: 'beta', ...origins }))).toEqual(['products.1.allowed_origins.0: is also listed by acme']);
  });

  it('every fault at once', () => {
    expect(faults(product({ slug: '', trial_days: -1 }), product({ slug: 'beta', app_url: 'x', default_locale: 'xx' }))).toHaveLength(4);
  });
});

describe('refuses, with a reason,', () => {
  it.each([
    ['an empty file', ''],
    ['a list', '- slug: acme'],
    ['a file without products', 'product: []'],
    ['broken YAML', 'products: [\n'],
    ['a key that stands twice', 'products: []\nproducts: []'],
    ['an alias that leads nowhere', 'products: *gone'],
    ['a file that unfolds without end', `a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b]\nproducts: [*c, *c, *c, *c, *c, *c, *c, *c]`],
  ])('%s', (_, yaml) => {
    const reasons = faultsOf(yaml);
    expect(reasons.length).toBeGreaterThan(0);
    for (const reason of reasons) expect(reason).not.toMatch(/^:/);
  });
});
