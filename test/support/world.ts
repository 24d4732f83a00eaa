import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import pino from 'pino';
import { DEFAULT_RATE_WINDOW_SECONDS, RATE_WINDOW_SECONDS } from '#access';
import { Clock } from '#clock';
import { type Config, loadConfig } from '#config';
import { Database } from '#database';
import { HashQueue, PASSWORD_COST } from '#secrets';
import { AppModule } from '../../apps/api/src/app.module.js';
import { configure } from '../../apps/api/src/configure.js';
import { JsonLogger } from '../../apps/api/src/json-logger.js';
import { Client } from './client.js';
import { Mailbox } from './mailbox.js';
import { ScratchDatabase } from './scratch-database.js';
import { TestClock } from './test-clock.js';

/** Cheap, so that a suite of hundreds of sign-ins takes minutes; what is about the cost itself asks for the real one. */
const TEST_COST = 4;
/**
 * Twenty people at once are let in on any machine: the queue learns what a hash costs, and takes a pause of the whole process
 * for the cost of one; and whoever waits for a connection is not told of an outage because others are slow.
 */
const TEST_PATIENCE_MS = 60_000;

/** Of an instance's pool: several worlds of several instances share the hundred connections of an ordinary server. */
const TEST_CONNECTIONS = 6;

/** One Redis for all worlds: each counts under a prefix of its own keys. */
const SHARED_REDIS = process.env['TEST_REDIS_URL'];

export const PRODUCT = 'spravce-gdpr';
export const PASSWORD = 'SecurePass123!';
/** What every challenge ends with (RFC 9728 §5.1). */
export const RESOURCE_METADATA = ', resource_metadata="https://auth.test/.well-known/oauth-protected-resource"';

interface Settings {
  readonly env?: Readonly<Record<string, string>>;
  readonly passwordCost?: number;
  readonly rateWindowSeconds?: number;
}

export interface Instance {
  readonly app: NestExpressApplication;
  readonly base: string;
}

/** Somebody who has signed in. */
export interface Person {
  readonly id: number;
  readonly email: string;
  readonly organizationId: number;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Calls as this person. */
  readonly client: Client;
}

/** A workspace token that was issued. */
export interface Token {
  readonly id: number;
  readonly token: string;
  /** Calls with it. */
  readonly client: Client;
}

/** The whole service on a database of its own, with a real SMTP server beside it. */
export class World {
  readonly clock = new TestClock();
  readonly logs: string[] = [];
  private readonly instances: Instance[] = [];

  private constructor(
    readonly database: ScratchDatabase,
    readonly mailbox: Mailbox,
    private readonly dataDir: string,
    private readonly settings: Settings,
  ) {}

  static async start(settings: Settings = {}): Promise<World> {
    const dataDir = mkdtempSync(join(tmpdir(), 'kiket-test-'));
    const world = new World(await ScratchDatabase.create(), await Mailbox.open(), dataDir, settings);
    await world.anotherInstance();
    return world;
  }

  get config(): Config {
    return loadConfig(this.env);
  }

  /** The settings of every instance of this world, as a command of its operator gets them. */
  get env(): Record<string, string> {
    return {
      DATA_DIR: this.dataDir,
      DATABASE_URL: this.database.url,
      SMTP_URL: this.mailbox.url,
      PRODUCTS_FILE: 'test/support/products.yml',
      PUBLIC_URL: 'https://auth.test',
      // Hundreds of people register from one address; what is about the limits turns them on.
      RATE_LIMITS: 'off',
      ...(SHARED_REDIS !== undefined && { REDIS_URL: SHARED_REDIS }),
      ...this.settings.env,
    };
  }

  /** One more instance on the same database, keys and mail server. */
  async anotherInstance(beforeStart: (app: NestExpressApplication) => void = () => undefined): Promise<Instance> {
    const log = pino({ level: 'debug' }, { write: (line: string) => void this.logs.push(line) });
    const module = await Test.createTestingModule({ imports: [AppModule.with(this.config)] })
      .overrideProvider(Clock)
      .useValue(this.clock)
      .overrideProvider(PASSWORD_COST)
      .useValue(this.settings.passwordCost ?? TEST_COST)
      .overrideProvider(HashQueue)
      .useValue(new HashQueue(undefined, this.settings.passwordCost === undefined ? TEST_PATIENCE_MS : undefined))
      .overrideProvider(RATE_WINDOW_SECONDS)
      .useValue(this.settings.rateWindowSeconds ?? DEFAULT_RATE_WINDOW_SECONDS)
      .compile();
    const app = module.createNestApplication<NestExpressApplication>({ bodyParser: false, logger: new JsonLogger(log) });
    configure(app, log);
    beforeStart(app);
    Object.assign(app.get(Database, { strict: false }).pool.options, { connectionTimeoutMillis: TEST_PATIENCE_MS, max: TEST_CONNECTIONS });
    await app.listen(0, '127.0.0.1');
    const instance = { app, base: await app.getUrl() };
    this.instances.push(instance);
    return instance;
  }

  /** One more instance that starts and is stopped again: what its start changes in the database stays. */
  async passingInstance(): Promise<void> {
    const { app } = await this.anotherInstance();
    this.instances.pop();
    await app.close();
  }

  get instance(): Instance {
    const [first] = this.instances;
    if (first === undefined) throw new Error('the world has not started');
    return first;
  }

  /** Somebody who names the product and nothing else. */
  get visitor(): Client {
    return new Client(`${this.instance.base}/api/v1`).product(PRODUCT);
  }

  /** Somebody who knows only the address of the service. */
  get stranger(): Client {
    return new Client(this.instance.base);
  }

  /** A new person with a new organization, its admin. */
  async register(facts: { email?: string; organization?: string; name?: string; product?: string; password?: string } = {}): Promise<Person> {
    const email = facts.email ?? this.freshEmail();
    const answer = await this.visitor.product(facts.product ?? PRODUCT).post('/auth/register', {
      email,
      password: facts.password ?? PASSWORD,
      name: facts.name ?? 'Jan Novak',
      organization_name: facts.organization ?? `Acme ${randomBytes(4).toString('hex')}`,
    });
    if (answer.status !== 201) throw new Error(`register: ${answer.status} ${JSON.stringify(answer.body)}`);
    return this.person(answer.body, facts.product);
  }

  /** Signs somebody in who has one organization. */
  async login(email: string, password = PASSWORD, product = PRODUCT): Promise<Person> {
    const answer = await this.visitor.product(product).post('/auth/login', { email, password });
    if (answer.status !== 200) throw new Error(`login: ${answer.status} ${JSON.stringify(answer.body)}`);
    return this.person(answer.body, product);
  }

  /** Invites somebody new into an admin's organization and lets them accept. */
  async member(admin: Person, role: 'admin' | 'member' | 'viewer' = 'member', email = this.freshEmail()): Promise<Person> {
    const invited = await admin.client.post('/users', { user: { email, name: 'Eva Malá', role } });
    if (invited.status !== 201) throw new Error(`invite: ${invited.status} ${JSON.stringify(invited.body)}`);
    const { tokenIn } = await import('./mailbox.js');
    const token = tokenIn(await this.mailbox.invitation(email));
    const answer = await this.visitor.post('/auth/accept_invitation', { token, password: PASSWORD });
    if (answer.status !== 200) throw new Error(`accept: ${answer.status} ${JSON.stringify(answer.body)}`);
    return this.person(answer.body);
  }

  /** Issues a workspace token; without scopes it has full access. */
  async token(issuer: Pick<Person, 'client'>, facts: { scopes?: string[]; name?: string; expires_at?: string | null } = {}): Promise<Token> {
    const answer = await issuer.client.post('/workspace_api_tokens', { workspace_api_token: { name: 'CI', ...facts } });
    if (answer.status !== 201) throw new Error(`issue: ${answer.status} ${JSON.stringify(answer.body)}`);
    return { id: answer.body.id, token: answer.body.token, client: this.bearer(answer.body.token) };
  }

  /** Whoever presents this credential, and names no product. */
  bearer(credential: string): Client {
    return new Client(`${this.instance.base}/api/v1`).bearer(credential);
  }

  // The body is an answer of the API, as a client sees it.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  person(body: any, product = PRODUCT): Person {
    return {
      id: body.user.id,
      email: body.user.email,
      organizationId: body.organization.id,
      accessToken: body.access_token,
      refreshToken: body.refresh_token,
      client: this.visitor.product(product).bearer(body.access_token),
    };
  }

  freshEmail(): string {
    return `u${randomBytes(6).toString('hex')}@acme.cz`;
  }

  /** Every action that was recorded, oldest first. */
  async audited(): Promise<string[]> {
    const rows = await this.database.sql<{ action: string }>('SELECT action FROM audit_entries ORDER BY id');
    return rows.map(({ action }) => action);
  }

  async stop(): Promise<void> {
    for (const { app } of this.instances) await app.close();
    await this.mailbox.close();
    await this.database.close();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
