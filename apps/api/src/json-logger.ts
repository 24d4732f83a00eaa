import type { LoggerService } from '@nestjs/common';
import pino, { type Logger } from 'pino';

/** Whatever finds its way into a log line under these names is a secret. */
const SECRET_KEYS = ['password', 'token', 'access_token', 'refresh_token', 'authorization', 'secret'];

/** One JSON object a line, on standard output. */
export function createLog(level: string): Logger {
  return pino({ level, base: null, redact: SECRET_KEYS.flatMap((key) => [key, `*.${key}`]), timestamp: pino.stdTimeFunctions.isoTime });
}

/** What the framework says of its own wiring at every start interests only who changes it. */
const WIRING = new Set(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestApplication']);

/** The framework's own lines and our `Logger`s, in the same form as everything else. */
export class JsonLogger implements LoggerService {
  constructor(private readonly out: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    const level = WIRING.has(String(rest.at(-1))) ? 'debug' : 'info';
    this.out[level](...line(message, rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.out.error(...line(message, rest));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.out.warn(...line(message, rest));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.out.debug(...line(message, rest));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.out.trace(...line(message, rest));
  }
}

/** Nest puts the logger's context last. */
function line(message: unknown, rest: unknown[]): [object, string | undefined] {
  const context = rest.at(-1);
  const stack = rest.length > 1 ? rest[0] : undefined;
  const about = { ...(typeof context === 'string' && { context }), ...(typeof stack === 'string' && { stack }) };
  if (message instanceof Error) return [{ ...about, err: told(message) }, undefined];
  if (typeof message !== 'object' || message === null) return [about, String(message)];
  const { err } = message as { err?: unknown };
  return [{ ...about, ...message, ...(err instanceof Error && { err: told(err) }) }, undefined];
}

/** Beside these a database's error carries the row itself: a password's hash, a token's digest, an address. */
const TOLD = new Set(['code', 'table', 'constraint', 'query']);

function told(error: Error): object {
  const { name, message, stack, cause } = error;
  const facts = Object.entries(error).filter(([fact]) => TOLD.has(fact));
  return { type: name, message, stack, ...(Object.fromEntries(facts) as object), ...(cause instanceof Error && { cause: told(cause) }) };
}
