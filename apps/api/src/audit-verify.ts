import { existsSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { ExportVerdict, Verdict, Witnesses } from '#audit';

/** `audit:verify`: proves an export with nothing but the file, the published keys and the checkpoints. Null where it is called wrongly. */
export async function verifiedOffline(args: readonly string[]): Promise<string | null> {
  const { file, keys, checkpoint } = asked(args);
  if (file === undefined || (keys === undefined) !== (checkpoint === undefined)) return null;
  const { verifyExport } = await import('#audit');
  const witnesses = keys === undefined || checkpoint === undefined ? undefined : { keys: jwksIn(keys), checkpoints: existsSync(checkpoint) ? readFileSync(checkpoint, 'utf8') : checkpoint };
  const verdict = await verifyExport((await open(file)).readLines(), witnesses);
  if (!verdict.valid) process.exitCode = 1;
  return told(verdict, witnesses !== undefined);
}

/** A verdict as a sentence for the operator. */
export function toldVerdict(verdict: Verdict): string {
  if (verdict.valid) return `valid: ${verdict.events} events, head ${verdict.head}`;
  const at = verdict.first_invalid_id === null ? 'no event is left' : verdict.reason === 'truncated' ? `the last event left is ${verdict.first_invalid_id}` : `the first invalid event is ${verdict.first_invalid_id}`;
  return `invalid: ${verdict.reason}, ${at}`;
}

function told(verdict: ExportVerdict, hasWitnesses: boolean): string {
  if (!verdict.valid) return `${toldVerdict(verdict)} (line ${verdict.line})`;
  return hasWitnesses ? toldVerdict(verdict) : `${toldVerdict(verdict)}; without --keys and --checkpoint a cut tail, or a chain that was made anew, goes unnoticed`;
}

function asked(args: readonly string[]): { file?: string; keys?: string; checkpoint?: string } {
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: { keys: { type: 'string' }, checkpoint: { type: 'string' } } });
    const [file, ...more] = positionals;
    return more.length > 0 || file === undefined ? {} : { file, ...values };
  } catch {
    return {};
  }
}

function jwksIn(path: string): Witnesses['keys'] {
  return (JSON.parse(readFileSync(path, 'utf8')) as { keys: Witnesses['keys'] }).keys;
}
