import DataLoader from 'dataloader';

const MOST_AT_ONCE = 500;

/**
 * One question for many: lookups that wait in the same turn of the event loop go out as one statement, in the order of
 * their keys, and nothing is kept. Sent at the end of the turn, since each request of it has a tick of its own.
 */
export function batchedRead<Key, Row>(read: (keys: readonly Key[]) => Promise<readonly (Row | null)[]>): (key: Key) => Promise<Row | null> {
  const loader = new DataLoader<Key, Row | null>(read, {
    cache: false,
    maxBatchSize: MOST_AT_ONCE,
    batchScheduleFn: (dispatch) => void setImmediate(dispatch),
  });
  return async (key) => loader.load(key);
}
