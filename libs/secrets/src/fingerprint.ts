import { createHmac } from 'node:crypto';

/** What may be written down about a key, so that another one is noticed: a keyed hash in hex. */
export function fingerprintOf(key: Buffer, purpose: string): string {
  return createHmac('sha256', key).update(`kiket-auth fingerprint: ${purpose}`).digest('hex');
}
