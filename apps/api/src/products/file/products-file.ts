import { parseDocument } from 'yaml';
import { z } from 'zod';
import { LOCALES, Scopes } from '#domain';
import type { ProductDefinition } from '../domain/product.js';

/** Start is refused: every fault of the products file, each with its path. */
export class ProductsFileError extends Error {
  constructor(faults: readonly string[]) {
    super(`The products file has faults:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'ProductsFileError';
  }
}

const slug = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and hyphens, beginning with a letter');

const webUrl = z.string().refine((text) => isWebUrl(text.replaceAll('{public_url}', 'http://localhost')), 'must be an http or https URL');

const link = webUrl.refine((text) => text.includes('{token}'), 'must contain {token}');

const origin = z
  .string()
  .refine((text) => isWebUrl(text) && new URL(text).origin === text, 'must be an origin such as https://app.example.com, without a path');

const scope = z.string().refine((name) => isPlanScope(name), 'is not a scope that a plan can hold');

const Plan = z.strictObject({
  scopes: z.array(scope),
  stripe_price_id: z.string().min(1).optional(),
  limits: z.strictObject({ max_users: z.number().int().positive().optional() }).default({}),
});

const ProductEntry = z
  .strictObject({
    slug,
    name: z.string().min(1).max(100),
    active: z.boolean().default(true),
    default_locale: z.enum(LOCALES),
    allowed_origins: z.array(origin).default([]),
    branding: z.strictObject({
      product_name: z.string().min(1).max(100),
      from_email: z.email().optional(),
      support_email: z.email(),
      logo_url: webUrl.optional(),
      primary_color: z.string().regex(/^#[0-9a-fA-F]{6}$/, 'must be a colour such as #1f6f54').optional(),
    }),
    app_url: webUrl,
    reset_url: link,
    invitation_url: link.optional(),
    trial_days: z.number().int().min(0).max(3650),
    trial_plan: z.string(),
    grace_days: z.number().int().min(0).max(365).default(7),
    stripe_account: z.string().min(1).optional(),
    plans: z.record(z.string().regex(/^[a-z][a-z0-9_-]*$/, 'must be a plain name'), Plan),
  })
  .refine((product) => Object.hasOwn(product.plans, product.trial_plan), { path: ['trial_plan'], message: 'is not one of the plans' });

const File = z.strictObject({ products: z.array(ProductEntry) }).superRefine(({ products }, context) => {
  const slugs = new Map<string, number>();
  const origins = new Map<string, string>();
  products.forEach((product, index) => {
    if (slugs.has(product.slug)) context.addIssue({ code: 'custom', path: ['products', index, 'slug'], message: 'stands twice' });
    slugs.set(product.slug, index);
    product.allowed_origins.forEach((entry, place) => {
      const owner = origins.get(entry);
      if (owner === undefined) return void origins.set(entry, product.slug);
      context.addIssue({ code: 'custom', path: ['products', index, 'allowed_origins', place], message: `is also listed by ${owner}` });
    });
  });
});

/** Reads the products from YAML. @throws ProductsFileError naming every fault with its path */
export function parseProducts(yaml: string): ProductDefinition[] {
  const parsed = File.safeParse(load(yaml));
  if (!parsed.success) throw new ProductsFileError(parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`));
  return parsed.data.products.map(definition);
}

function load(yaml: string): unknown {
  const document = parseDocument(yaml, { uniqueKeys: true });
  if (document.errors.length > 0) throw new ProductsFileError(document.errors.map((error) => error.message));
  try {
    return document.toJS();
  } catch (error) {
    // Aliases that lead nowhere, or unfold without end.
    throw new ProductsFileError([`the file: ${(error as Error).message}`]);
  }
}

function definition(entry: z.infer<typeof ProductEntry>): ProductDefinition {
  return {
    slug: entry.slug,
    name: entry.name,
    active: entry.active,
    defaultLocale: entry.default_locale,
    allowedOrigins: entry.allowed_origins,
    branding: entry.branding as ProductDefinition['branding'],
    appUrl: entry.app_url,
    resetUrl: entry.reset_url,
    invitationUrl: entry.invitation_url ?? `${entry.app_url.replace(/\/$/, '')}/invitation?token={token}`,
    trialDays: entry.trial_days,
    trialPlan: entry.trial_plan,
    graceDays: entry.grace_days,
    stripeAccount: entry.stripe_account ?? null,
    plans: entry.plans as ProductDefinition['plans'],
  };
}

function isWebUrl(text: string): boolean {
  return URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol);
}

/** Administration comes with a role, never with a plan. */
function isPlanScope(name: string): boolean {
  const scopes = Scopes.parse([name]);
  return scopes instanceof Scopes && scopes.without(Scopes.of('admin')).covers(scopes);
}
