import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { ExportVerdict, Verdict, Witnesses } from '#audit';

const UNNOTICED = 'a cut tail, or a chain that was made anew, goes unnoticed';

/** `audit:verify`: proves an export with nothing but the file, the published keys and the checkpoints. Null where it is called wrongly. */
export async function verifiedOffline(args: readonly string[]): Promise<string | null> {
  const { file, keys, checkpoint } = asked(args);
  if (file === undefined || (keys === undefined) !== (checkpoint === undefined)) return null;
  const { verifyExport } = await import('#audit');
  const witnesses = keys === undefined || checkpoint === undefined ? undefined : { keys: jwksIn(keys), checkpoints: existsSync(checkpoint) ? readFileSync(checkpoint, 'utf8') : checkpoint };
  const verdict = await verifyExport(linesOf(createReadStream(file, 'utf8')), witnesses);
  if (!verdict.valid || isUnwitnessed(verdict, witnesses)) process.exitCode = 1;
  return told(verdict, witnesses);
}

/** A verdict as a sentence for the operator. */
export function toldVerdict(verdict: Verdict): string {
  if (verdict.valid) return `valid: ${verdict.events} events, head ${verdict.head}`;
  const { first_invalid_id: id, reason } = verdict;
  if (reason === 'altered' && id === null) return 'invalid: altered, it is no event as we wrote it';
  const at = id === null ? 'no event is left' : reason === 'truncated' ? `the last event left is ${id}` : `the first invalid event is ${id}`;
  return `invalid: ${reason}, ${at}`;
}

function told(verdict: ExportVerdict, witnesses: Witnesses | undefined): string {
  if (!verdict.valid) return `${toldVerdict(verdict)} (line ${verdict.line})`;
  if (witnesses === undefined) return `${toldVerdict(verdict)}; without --keys and --checkpoint ${UNNOTICED}`;
  return isUnwitnessed(verdict, witnesses) ? `not proven: no checkpoint of this chain was given, and so ${UNNOTICED}` : toldVerdict(verdict);
}

/** Whoever names a checkpoint wants to know how the chain stands beside it: a mistyped path must not pass for a proof. */
function isUnwitnessed({ checkpoints }: ExportVerdict, witnesses: Witnesses | undefined): boolean {
  return witnesses !== undefined && checkpoints === 0;
}

/** Ended by LF, or CR LF, alone: what Node takes for a line's end too, as U+2028, may stand in a text. */
async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.map((line) => line.replace(/\r$/, ''));
  }
  yield rest;
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
