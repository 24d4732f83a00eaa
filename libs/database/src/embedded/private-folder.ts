import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = '/var/lib/kiket-auth';

/** A place that root owns and the server's user can reach, for what lies in folders closed to that user (such as /root). */
export function privateFolder(name: string): string {
  mkdirSync(ROOT, { recursive: true });
  chmodSync(ROOT, 0o711);
  return join(ROOT, name);
}
