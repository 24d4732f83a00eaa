import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Config } from './config.js';
import { developmentKey } from './development-keys.js';

const key = z
  .string()
  .transform((text) => Buffer.from(text, 'base64'))
  .refine((bytes) => bytes.length === 32, 'must be 32 bytes in base64 (openssl rand -base64 32)');

const url = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    message: `must be a URL beginning with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  });

const redisUrl = z
  .string()
  .refine((text) => URL.canParse(text) && /^rediss?:\/\/[^/]+(\/\d*)?$/.test(text), 'must be redis://host:port or rediss://host:port, and may end with the number of a database');

const count = (otherwise: number) => z.coerce.number().int().positive().max(1_000_000).default(otherwise);

const perMinute = (requests: number) => z.coerce.number().int().positive().default(requests);

const Environment = z.object({
  NODE_ENV: z.string().optional(),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  PUBLIC_URL: url('http:', 'https:').optional(),
  ISSUER: z.string().default('kiket.dev'),
  DATABASE_URL: url('postgres:', 'postgresql:').optional(),
  REDIS_URL: redisUrl.optional(),
  DATA_DIR: z.string().default('.data'),
  SMTP_URL: url('smtp:', 'smtps:').optional(),
  MAIL_FROM: z.string().default('no-reply@localhost'),
  SECRETS_KEY: key.optional(),
  PASSWORD_PEPPER: key.optional(),
  JWT_PRIVATE_KEYS: z.string().optional(),
  PRODUCTS_FILE: z.string().default('config/products.yml'),
  STRIPE_SECRET_KEY: z.string().optional(),
  STRIPE_WEBHOOK_SECRET: z.string().optional(),
  STRIPE_CONNECT_WEBHOOK_SECRET: z.string().optional(),
  STRIPE_API_BASE: url('http:', 'https:').default('https://api.stripe.com'),
  TRUST_PROXY: z
    .string()
    .default('')
    .transform((list) => list.split(',').map((item) => item.trim()).filter((item) => item !== '')),
  RATE_LIMITS: z.enum(['on', 'off']).default('on'),
  RATE_LIMIT_USER: perMinute(1_200),
  RATE_LIMIT_TOKEN: perMinute(2_400),
  RATE_LIMIT_EXTENSION: perMinute(600),
  RATE_LIMIT_UNAUTHENTICATED: perMinute(120),
  RATE_LIMIT_CLIENT_GUESSES: perMinute(20),
  ALERT_FAILED_LOGINS: count(10),
  ALERT_FAILED_LOGINS_MINUTES: count(15),
  ALERT_REFUSALS: count(50),
  ALERT_REFUSALS_MINUTES: count(10),
  ALERT_COOLDOWN_MINUTES: count(60),
  ALERTS_ALLOW_HTTP: z.enum(['0', '1']).default('0'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

/** Start is refused: every fault of the environment, a line each. */
export class ConfigError extends Error {
  constructor(faults: readonly string[]) {
    super(`These settings are wrong:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** Reads the settings from an environment; an empty value counts as absent. @throws ConfigError naming every fault. */
export function loadConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  }
  const env = parsed.data;
  const production = env.NODE_ENV === 'production';
  if (production) {
    const missing = (['SMTP_URL', 'MAIL_FROM', 'SECRETS_KEY', 'PASSWORD_PEPPER'] as const).filter((name) => given[name] === undefined);
    const faults = missing.map((name) => `${name}: is required with NODE_ENV=production`);
    if (env.RATE_LIMITS === 'off') faults.push('RATE_LIMITS: must not be off with NODE_ENV=production');
    if (faults.length > 0) throw new ConfigError(faults);
  }
  const dataDir = resolve(env.DATA_DIR);
  return {
    production,
    version: packageVersion(),
    port: env.PORT,
    publicUrl: (env.PUBLIC_URL ?? `http://localhost:${env.PORT}`).replace(/\/+$/, ''),
    issuer: env.ISSUER,
    databaseUrl: env.DATABASE_URL,
    redisUrl: env.REDIS_URL,
    dataDir,
    smtpUrl: env.SMTP_URL,
    mailFrom: env.MAIL_FROM,
    secretsKey: env.SECRETS_KEY ?? developmentKey(dataDir, 'secrets-key'),
    passwordPepper: env.PASSWORD_PEPPER ?? developmentKey(dataDir, 'password-pepper'),
    jwtPrivateKeys: env.JWT_PRIVATE_KEYS,
    productsFile: resolve(env.PRODUCTS_FILE),
    stripe: {
      secretKey: env.STRIPE_SECRET_KEY,
      webhookSecrets: [env.STRIPE_WEBHOOK_SECRET, env.STRIPE_CONNECT_WEBHOOK_SECRET].filter((secret) => secret !== undefined),
      apiBase: env.STRIPE_API_BASE,
    },
    trustProxy: env.TRUST_PROXY,
    rateLimits: {
      on: env.RATE_LIMITS === 'on',
      user: env.RATE_LIMIT_USER,
      token: env.RATE_LIMIT_TOKEN,
      extension: env.RATE_LIMIT_EXTENSION,
      unauthenticated: env.RATE_LIMIT_UNAUTHENTICATED,
      guess: env.RATE_LIMIT_CLIENT_GUESSES,
    },
    alerts: {
      failedLogins: env.ALERT_FAILED_LOGINS,
      failedLoginsMinutes: env.ALERT_FAILED_LOGINS_MINUTES,
      refusals: env.ALERT_REFUSALS,
      refusalsMinutes: env.ALERT_REFUSALS_MINUTES,
      cooldownMinutes: env.ALERT_COOLDOWN_MINUTES,
      allowHttp: env.ALERTS_ALLOW_HTTP === '1',
    },
    logLevel: env.LOG_LEVEL,
  };
}

function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(join(process.cwd(), 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}
