/** Requests a minute. */
export interface RateLimitSettings {
  readonly on: boolean;
  /** Of an organization's users together. */
  readonly user: number;
  /** Of an organization's workspace and OAuth tokens together. */
  readonly token: number;
  /** Of an installed extension. */
  readonly extension: number;
  /** To the auth endpoints that ask for no credential, from one address. */
  readonly unauthenticated: number;
  /** Wrong proofs of an OAuth client, from one address. */
  readonly guess: number;
}

/** Absent keys: what needs Stripe answers billing_not_configured. */
export interface StripeSettings {
  readonly secretKey: string | undefined;
  /** Of the platform's events, and of connected accounts'; a signature by either counts. */
  readonly webhookSecrets: readonly string[];
  readonly apiBase: string;
}

/** From how much on something is worth an alert. */
export interface AlertSettings {
  readonly failedLogins: number;
  readonly failedLoginsMinutes: number;
  readonly refusals: number;
  readonly refusalsMinutes: number;
  /** For how long the same cause and subject are counted and not told again. */
  readonly cooldownMinutes: number;
  /** Lets Slack messages go to loopback addresses, for tests. */
  readonly allowHttp: boolean;
}

/** The service's settings, read once at start. `Config` is also the injection token. */
export abstract class Config {
  abstract readonly production: boolean;
  abstract readonly version: string;
  abstract readonly port: number;
  /** The service's own address, without a trailing slash. */
  abstract readonly publicUrl: string;
  /** `iss` of product JWTs. */
  abstract readonly issuer: string;
  /** Absent: the embedded database in `dataDir`. */
  abstract readonly databaseUrl: string | undefined;
  /** Absent: every instance keeps its counters to itself. */
  abstract readonly redisUrl: string | undefined;
  abstract readonly dataDir: string;
  /** Absent: mails become files in `dataDir`/mail. */
  abstract readonly smtpUrl: string | undefined;
  /** The sender where no product gives one. */
  abstract readonly mailFrom: string;
  /** 32 bytes. */
  abstract readonly secretsKey: Buffer;
  /** 32 bytes. */
  abstract readonly passwordPepper: Buffer;
  /** PEM or a JWK set, in place of the database's signing keys. */
  abstract readonly jwtPrivateKeys: string | undefined;
  abstract readonly productsFile: string;
  abstract readonly stripe: StripeSettings;
  /** Addresses whose X-Forwarded-For is believed. */
  abstract readonly trustProxy: readonly string[];
  abstract readonly rateLimits: RateLimitSettings;
  abstract readonly alerts: AlertSettings;
  abstract readonly logLevel: string;
}
