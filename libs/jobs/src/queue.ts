import type { QueueOptions } from 'pg-boss';

/** One sort of work to be done later: a constant, shared by those who ask for it and those who do it. */
export interface Queue<T extends object> {
  readonly name: string;
  /** Tries after the first. */
  readonly retryLimit: number;
  /** Before the first retry; then doubled each time, up to `retryDelayMaxSeconds`. */
  readonly retryDelaySeconds: number;
  readonly retryDelayMaxSeconds: number;
  /** A try that takes longer has failed: so the job of a process that died is taken up by another. */
  readonly timeoutSeconds: number;
  /** One waiting job per key: what is enqueued while it waits is the same job. */
  readonly onePerKey?: true;
  /** Never set: it ties the queue to what its jobs carry. */
  readonly payload?: T;
}

/** A done job is deleted by its worker; this only sweeps what a dying process left finished. */
const SWEEP_AFTER_SECONDS = 60;

/** A job waits at most this long for a worker; longer than any queue retries. */
const RETENTION_SECONDS = 14 * 24 * 60 * 60;

export function queueOptions(queue: Queue<object>): QueueOptions & { notify: true } {
  return {
    retryLimit: queue.retryLimit,
    retryDelay: queue.retryDelaySeconds,
    retryDelayMax: queue.retryDelayMaxSeconds,
    retryBackoff: true,
    expireInSeconds: queue.timeoutSeconds,
    deleteAfterSeconds: SWEEP_AFTER_SECONDS,
    retentionSeconds: RETENTION_SECONDS,
    notify: true,
  };
}
