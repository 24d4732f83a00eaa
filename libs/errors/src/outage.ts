/** After these PostgreSQL has no connection for us any more, or none yet: whatever the reason, nothing was asked. */
const FINAL = new Set(['FATAL', 'PANIC']);
/** What node-postgres and PostgreSQL say when the database cannot be asked: connection faults, shutdown, no resources, disk full. */
const OUTAGE_CODES = /^(?:08...|53...|57P0[1-5]|58...|25006|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|ENOENT)$/;
const OUTAGE_MESSAGES = /Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|not queryable/;

/** Whether an error means "the database cannot be asked", which is never the caller's fault. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, severity, driverError, errors } = error as Error & { code?: unknown; severity?: unknown; driverError?: unknown; errors?: unknown[] };
  if (typeof code === 'string' && OUTAGE_CODES.test(code)) return true;
  if (typeof severity === 'string' && FINAL.has(severity)) return true;
  if (OUTAGE_MESSAGES.test(error.message)) return true;
  return isOutage(driverError) || (Array.isArray(errors) && errors.some(isOutage)) || isOutage(error.cause);
}
