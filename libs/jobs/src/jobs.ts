import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock } from '#clock';
import { Config } from '#config';
import { Database } from '#database';
import { SealedBox } from '#secrets';
import { type Job, type JobResult, PgBoss } from 'pg-boss';
import { bossOptions } from './boss-options.js';
import { type Queue, queueOptions } from './queue.js';
import { Seldom } from './seldom.js';

type Work<T> = (payload: T, job: { id: string; attempt: number }) => Promise<void>;

interface SealedPayload {
  readonly sealed: string;
}

/** Several in one fetch: pg-boss would sleep its whole polling interval after each job that it fetched alone. */
const BATCH = 5;
/** Two, so that one slow batch does not hold up what comes after it. */
const WORKERS = 2;
/** How soon a retry or a delayed job is noticed; a fresh one wakes its workers by NOTIFY. */
const POLL_SECONDS = 5;
/** The same for a fresh one, where listening failed at start. */
const POLL_UNHEARD_SECONDS = 1;
const STOP_MS = 5_000;
const START_ATTEMPTS = 5;
const COMPLAINT_SECONDS = 10;

/** Work to be done after the commit: asked for in the transaction of what causes it, done at least once. */
@Injectable()
export class Jobs implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Jobs');
  private readonly boss: PgBoss;
  private readonly works = new Map<Queue<object>, Work<object>>();
  private started = false;

  constructor(
    config: Config,
    clock: Clock,
    private readonly database: Database,
    private readonly box: SealedBox,
  ) {
    this.boss = new PgBoss(bossOptions(config.databaseUrl!));
    const complaints = new Seldom(clock, COMPLAINT_SECONDS);
    // Without a listener an outage of the database would end the process.
    this.boss.on('error', (error) => {
      if (complaints.mayNow()) this.logger.error({ msg: 'the queue cannot be worked', reason: error.message });
    });
    this.boss.on('warning', ({ message }) => this.logger.warn({ msg: 'the queue warns', reason: message }));
  }

  /** A job of the transaction under way: rolled back, it never was. What it carries is sealed while it waits. */
  async enqueue<T extends object>(queue: Queue<T>, payload: T, options: { key?: string; startAfterSeconds?: number } = {}): Promise<void> {
    if ((queue.onePerKey === true) !== (options.key !== undefined)) throw new TypeError(`a key does not fit the queue ${queue.name}`);
    const data: SealedPayload = { sealed: this.box.seal(JSON.stringify(payload), sealContext(queue)).toString('base64') };
    await this.boss.send(queue.name, data, {
      ...(options.key === undefined ? {} : { singletonKey: options.key }),
      ...(options.startAfterSeconds === undefined ? {} : { startAfter: options.startAfterSeconds }),
      db: { executeSql: async (text, values) => ({ rows: await this.database.query(text, values) }) },
    });
  }

  /** Called while the application initializes, once per queue. The work may be repeated, and must bear it; its errors are logged. */
  handle<T extends object>(queue: Queue<T>, work: Work<T>): void {
    if (this.started) throw new Error(`The queue ${queue.name} has nobody to work it at start.`);
    this.works.set(queue, work as Work<object>);
  }

  async onApplicationBootstrap(): Promise<void> {
    this.started = true;
    await this.boss.start({ attempts: START_ATTEMPTS });
    for (const [queue, work] of this.works) {
      await this.boss.createQueue(queue.name, { ...queueOptions(queue), policy: queue.onePerKey ? 'short' : 'standard' });
      // What an earlier version created keeps its old settings otherwise.
      await this.boss.updateQueue(queue.name, queueOptions(queue));
      await this.boss.work<SealedPayload>(
        queue.name,
        {
          batchSize: BATCH,
          localConcurrency: WORKERS,
          burstWhenBatchFull: true,
          perJobResults: true,
          pollingIntervalSeconds: POLL_UNHEARD_SECONDS,
          notifyPollingIntervalSeconds: POLL_SECONDS,
        },
        (jobs) => Promise.all(jobs.map((job) => this.perform(queue, work, job))),
      );
    }
  }

  /** Finishes the work in hand; what takes too long is left to another instance, or to the next start. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.boss.stop({ graceful: true, timeout: STOP_MS, close: true });
  }

  private async perform(queue: Queue<object>, work: Work<object>, job: Job<SealedPayload>): Promise<JobResult> {
    const attempt = job.retryCount + 1;
    const about = { queue: queue.name, job: job.id, attempt };
    try {
      const opened = this.box.open(Buffer.from(job.data.sealed, 'base64'), sealContext(queue));
      await work(JSON.parse(opened.toString('utf8')) as object, { id: job.id, attempt });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (attempt <= queue.retryLimit) {
        this.logger.warn({ msg: 'a job failed and will be tried again', ...about, reason });
        return { id: job.id, status: 'failed' };
      }
      this.logger.error({ msg: 'a job failed and is given up', ...about, reason });
    }
    return this.forget(queue, job);
  }

  /** pg-boss would keep a finished job, and so what it carries. A job that cannot be deleted now is done again. */
  private async forget(queue: Queue<object>, job: Job<SealedPayload>): Promise<JobResult> {
    try {
      await this.boss.deleteJob(queue.name, job);
      return { id: job.id, status: 'completed' };
    } catch {
      return { id: job.id, status: 'failed' };
    }
  }
}

function sealContext(queue: Queue<object>): string {
  return `job:${queue.name}`;
}
