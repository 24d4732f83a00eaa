import { randomBytes } from 'node:crypto';
import Stripe from 'stripe';
import { type Person, PRODUCT, World } from '../support/world.js';
import { StripeServer } from './stripe-server.js';

export const SECRET_KEY = 'sk_test_51KiketSecret';
export const PLATFORM_SECRET = 'whsec_platform';
export const CONNECT_SECRET = 'whsec_connect';

/** The service with payments, beside a server that speaks Stripe's API. */
export async function billingWorld(env: Readonly<Record<string, string>> = {}): Promise<{ world: World; stripe: StripeServer }> {
  const stripe = await StripeServer.start();
  const world = await World.start({
    env: {
      PRODUCTS_FILE: 'test/billing/products.yml',
      STRIPE_SECRET_KEY: SECRET_KEY,
      STRIPE_WEBHOOK_SECRET: PLATFORM_SECRET,
      STRIPE_CONNECT_WEBHOOK_SECRET: CONNECT_SECRET,
      STRIPE_API_BASE: stripe.url,
      ...env,
    },
  });
  return { world, stripe };
}

interface SubscriptionFacts {
  readonly id?: string;
  readonly status?: string;
  readonly price?: string;
  readonly product?: string;
  /** Unix seconds. */
  readonly created?: number;
  readonly more?: Readonly<Record<string, unknown>>;
}

/** As Stripe shows one. */
export function stripeSubscription({ organizationId }: Pick<Person, 'organizationId'>, facts: SubscriptionFacts = {}): Record<string, unknown> {
  const { id = `sub_${organizationId}`, status = 'active', price = 'price_team', product = PRODUCT, created = 1_790_000_000, more = {} } = facts;
  return {
    id,
    object: 'subscription',
    created,
    customer: `cus_of_${organizationId}`,
    status,
    metadata: { organization_id: String(organizationId), product, plan_tier: 'team' },
    trial_end: null,
    canceled_at: null,
    items: { object: 'list', data: [{ id: 'si_1', price: { id: price }, current_period_start: 1_795_000_000, current_period_end: 1_797_592_000 }] },
    ...more,
  };
}

export function stripeInvoice({ organizationId }: Pick<Person, 'organizationId'>, amount = 900, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const details = { subscription: `sub_${organizationId}`, metadata: { organization_id: String(organizationId), product: PRODUCT } };
  return { id: 'in_1', object: 'invoice', customer: `cus_of_${organizationId}`, amount_paid: amount, parent: { type: 'subscription_details', subscription_details: details }, ...more };
}

interface EventFacts {
  readonly id?: string;
  /** Unix seconds. */
  readonly created?: number;
  readonly account?: string;
}

export function stripeEvent(type: string, object: unknown, { id = `evt_${randomBytes(8).toString('hex')}`, created = Math.floor(Date.now() / 1000), account }: EventFacts = {}): string {
  return JSON.stringify({ id, object: 'event', api_version: '2026-09-30', created, type, ...(account !== undefined && { account }), data: { object } }, null, 2);
}

/** Signed as Stripe signs, so many seconds ago. */
export function signatureOf(payload: string, secret = PLATFORM_SECRET, secondsAgo = 0): string {
  return Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: Math.floor(Date.now() / 1000) - secondsAgo });
}

export async function deliver(world: World, payload: string, signature = signatureOf(payload), base = world.instance.base): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${base}/api/v1/billing/stripe_webhook`, { method: 'POST', headers: { 'Content-Type': 'application/json; charset=utf-8', 'Stripe-Signature': signature }, body: payload });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** Until a job has done its work. */
async function eventually<T>(read: () => Promise<T>, expected: T | ((value: T) => boolean)): Promise<void> {
  const isThere = (value: T) => (typeof expected === 'function' ? (expected as (value: T) => boolean)(value) : JSON.stringify(value) === JSON.stringify(expected));
  const deadline = Date.now() + 30_000;
  for (let value = await read(); !isThere(value); value = await read()) {
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/** When nothing of Stripe's waits any more. */
export async function settled(world: World): Promise<void> {
  const waiting = async () => (await world.database.sql<{ waiting: number }>(`SELECT count(*)::int AS waiting FROM jobs.job WHERE name = 'stripe-events' AND state IN ('created', 'active', 'retry')`))[0]?.waiting;
  await eventually(waiting, 0);
}
