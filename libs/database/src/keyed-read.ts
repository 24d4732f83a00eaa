import type { QueryResultRow } from 'pg';
import { batchedRead } from './batched-read.js';
import type { Database } from './database.js';

/** How a row is found by its key, alone or with others. */
export interface KeyedStatement<Key, Row> {
  readonly name: string;
  /** The statement, with the comparison that follows the key's column. */
  readonly text: (comparison: string) => string;
  readonly type: 'bigint' | 'bytea';
  readonly keyOf: (row: Row) => Key;
}

/**
 * Asks the database at every request, without a cache; requests that wait in the same tick share one statement. A key that
 * waits alone has a statement of its own: PostgreSQL plans that one once per connection, but for a list anew each time.
 */
export function keyedRead<Key extends number | string, Row extends QueryResultRow>(database: Database, { name, text, type, keyOf }: KeyedStatement<Key, Row>): (key: Key) => Promise<Row | null> {
  const one = { name: `${name}_one`, text: text(`= $1::${type}`) };
  const many = { name: `${name}_many`, text: text(`= ANY($1::${type}[])`) };
  return batchedRead<Key, Row>(async (keys) => {
    const distinct = [...new Set(keys)].map((key) => (typeof key === 'string' ? Buffer.from(key, 'hex') : key));
    const rows = distinct.length === 1 ? await database.read<Row>(one, distinct) : await database.read<Row>(many, [distinct]);
    const byKey = new Map(rows.map((row) => [keyOf(row), row]));
    return keys.map((key) => byKey.get(key) ?? null);
  });
}
