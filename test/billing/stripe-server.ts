import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StripeCall {
  readonly route: string;
  /** As Stripe reads forms: `subscription_data[metadata][product]`. */
  readonly form: Readonly<Record<string, string>>;
  readonly account: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly key: string | undefined;
}

type Answer = (call: StripeCall, id: string) => unknown;

/** Speaks Stripe's HTTP API as far as the service asks: what it is asked, it keeps; what it knows, a test tells it. */
export class StripeServer {
  readonly calls: StripeCall[] = [];
  /** By id. */
  readonly subscriptions = new Map<string, Record<string, unknown>>();
  /** Answers nothing but this status. */
  failsWith: number | null = null;
  delayMs = 0;
  /** Whom it has forgotten: a customer that somebody deleted there. */
  readonly deletedCustomers = new Set<string>();
  /** Prices that it does not know. */
  readonly unknownPrices = new Set<string>();
  /** Its own clock beside the machine's. */
  aheadMs = 0;
  /** Answers nothing before that. */
  held: Promise<unknown> | null = null;
  private made = 0;
  /** What was asked for by each key of idempotency. */
  private readonly asked = new Map<string, string>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<StripeServer> {
    const server = createServer();
    const stripe = new StripeServer(server);
    server.on('request', (request, response) => {
      void stripe.answer(request).then(({ status, body }) => {
        response.writeHead(status, { 'Content-Type': 'application/json', 'Request-Id': 'req_1', Date: new Date(Date.now() + stripe.aheadMs).toUTCString() });
        response.end(JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return stripe;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private readonly routes: readonly (readonly [RegExp, Answer])[] = [
    [/^POST \/v1\/customers$/, ({ idempotencyKey }) => ({ id: `cus_${idempotencyKey ?? (this.made += 1)}`, object: 'customer' })],
    [/^POST \/v1\/checkout\/sessions$/, () => ({ id: `cs_${(this.made += 1)}`, object: 'checkout.session', url: `https://checkout.stripe.test/c/pay/cs_${this.made}` })],
    [/^POST \/v1\/billing_portal\/sessions$/, () => ({ id: `bps_${(this.made += 1)}`, object: 'billing_portal.session', url: `https://billing.stripe.test/p/session/${this.made}` })],
    [/^GET \/v1\/subscriptions\/(\w+)$/, (_, id) => this.subscriptions.get(id)],
    [/^GET \/v1\/subscriptions$/, ({ form }) => ({ object: 'list', has_more: false, data: [...this.subscriptions.values()].filter(({ customer }) => customer === form['customer']) })],
  ];

  private async answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { pathname, searchParams } = new URL(request.url ?? '', this.url);
    const route = `${request.method} ${pathname}`;
    const header = (name: string) => request.headers[name] as string | undefined;
    const call = {
      route,
      form: Object.fromEntries(request.method === 'GET' ? searchParams : new URLSearchParams(Buffer.concat(chunks).toString())),
      account: header('stripe-account') ?? header('stripe-context'),
      idempotencyKey: header('idempotency-key'),
      key: header('authorization'),
    };
    this.calls.push(call);
    await new Promise((resolve) => setTimeout(resolve, this.delayMs).unref());
    await this.held;
    if (this.failsWith !== null) return { status: this.failsWith, body: { error: { type: 'api_error', message: 'no' } } };
    const form = JSON.stringify(call.form);
    if (call.idempotencyKey !== undefined && (this.asked.get(call.idempotencyKey) ?? form) !== form) {
      return { status: 400, body: { error: { type: 'idempotency_error', message: 'Keys for idempotent requests can only be used with the same parameters they were first used with.' } } };
    }
    if (call.idempotencyKey !== undefined) this.asked.set(call.idempotencyKey, form);
    const { customer } = call.form;
    if (customer !== undefined && this.deletedCustomers.has(customer)) return missing('customer', `No such customer: '${customer}'`);
    const { 'line_items[0][price]': price } = call.form;
    if (price !== undefined && this.unknownPrices.has(price)) return missing('line_items[0][price]', `No such price: '${price}'`);
    for (const [pattern, answer] of this.routes) {
      const body = pattern.test(route) ? answer(call, pattern.exec(route)?.[1] ?? '') : undefined;
      if (body !== undefined) return { status: 200, body };
    }
    return missing('id', `no ${route}`);
  }
}

function missing(param: string, message: string) {
  return { status: param === 'id' ? 404 : 400, body: { error: { type: 'invalid_request_error', code: 'resource_missing', param, message } } };
}
