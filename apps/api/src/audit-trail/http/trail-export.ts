import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import type { NamedEvent } from '../domain/trail-event.js';
import { csvRecord } from './csv.js';
import { exportedView } from './trail.view.js';

/** How events become text. */
export interface ExportFormat {
  readonly type: string;
  readonly fileName: string;
  readonly head: string;
  readonly line: (event: NamedEvent) => string;
}

export const NDJSON: ExportFormat = {
  type: 'application/x-ndjson; charset=utf-8',
  fileName: 'audit_events.ndjson',
  head: '',
  line: (event) => `${JSON.stringify(exportedView(event))}\n`,
};

const COLUMNS = [
  'id', 'occurred_at', 'actor_type', 'actor_id', 'actor_name', 'action', 'target_type', 'target_id', 'target_name', 'ip', 'user_agent', 'request_id',
  'metadata', 'previous_hash', 'hash', 'chain', 'chain_position',
] as const satisfies readonly (keyof NamedEvent)[];

export const CSV: ExportFormat = {
  type: 'text/csv; charset=utf-8; header=present',
  fileName: 'audit_events.csv',
  head: csvRecord(COLUMNS),
  line: (event) => csvRecord(COLUMNS.map((column) => event[column])),
};

/**
 * Sends batches as fast as they are taken, one in hand at a time; who goes away ends the reading. What fails before the first
 * batch is an ordinary refusal; later, all that can be done is to break the connection off, so that nobody takes a part for all.
 */
export async function sendExport(batches: AsyncGenerator<readonly NamedEvent[]>, { type, fileName, head, line }: ExportFormat, request: Request, response: Response): Promise<void> {
  const first = await batches.next();
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Disposition', `attachment; filename="${fileName}"`);
  if (request.method === 'HEAD') {
    await batches.return(undefined);
    response.end();
    return;
  }
  async function* texts(): AsyncGenerator<string> {
    yield head + textOf(first);
    for await (const batch of batches) yield batch.map(line).join('');
  }
  const textOf = ({ value }: IteratorResult<readonly NamedEvent[], unknown>): string => ((value ?? []) as readonly NamedEvent[]).map(line).join('');
  await pipeline(Readable.from(texts(), { highWaterMark: 1 }), response).catch(async (error: unknown) => {
    await batches.return(undefined);
    if (!isDeparture(error)) throw error;
  });
}

function isDeparture(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE';
}
