import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import type { Pool, QueryResultRow } from 'pg';
import { DataSource, type EntityManager, QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { Clock } from '#clock';
import { DomainError } from '#domain';

/** A read-only statement of the hot path: PostgreSQL plans it once per connection, by its name. */
export interface PreparedRead {
  readonly name: string;
  readonly text: string;
}

interface Transaction {
  readonly manager: EntityManager;
  readonly afterwards: (() => void)[];
}

/** The one door to PostgreSQL: transactions that nested calls join, and plain statements inside them. */
@Injectable()
export class Database {
  private readonly current = new AsyncLocalStorage<Transaction>();

  constructor(
    private readonly source: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Where repositories speak: the transaction under way, else the pool. */
  get manager(): EntityManager {
    return this.current.getStore()?.manager ?? this.source.manager;
  }

  /**
   * All or nothing. A call inside a transaction joins it: one use case is at most one transaction.
   * @throws DomainError unavailable where its connection broke between two statements
   */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    if (this.current.getStore() !== undefined) return work();
    const afterwards: (() => void)[] = [];
    try {
      const result = await this.source.transaction((manager) => this.current.run({ manager, afterwards }, work));
      for (const next of afterwards) next();
      return result;
    } catch (error) {
      // All that TypeORM says of such a connection is that it has let go of it.
      if (error instanceof QueryRunnerAlreadyReleasedError || error instanceof QueryRunnerProviderAlreadyReleasedError) throw new DomainError('unavailable', { cause: error });
      throw error;
    }
  }

  /** Done once the transaction under way has committed, and not without it; at once where there is none. It must not throw. */
  afterCommit(work: () => void): void {
    const transaction = this.current.getStore();
    if (transaction === undefined) work();
    else transaction.afterwards.push(work);
  }

  get inTransaction(): boolean {
    return this.current.getStore() !== undefined;
  }

  /** A statement in the transaction under way, else on its own; the rows that it returns. */
  async query<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const answer: unknown = await this.manager.query(text, [...values]);
    // TypeORM answers UPDATE and DELETE with [rows, count].
    if (Array.isArray(answer) && answer.length === 2 && Array.isArray(answer[0]) && typeof answer[1] === 'number') {
      return answer[0] as Row[];
    }
    return answer as Row[];
  }

  /** A prepared read straight from the pool, outside any transaction: a third of the cost of a repository's. */
  async read<Row extends QueryResultRow>(statement: PreparedRead, values: readonly unknown[]): Promise<Row[]> {
    const { rows } = await this.pool.query<Row>({ name: statement.name, text: statement.text, values: [...values] });
    return rows;
  }

  /** The moment by the database's clock, the one that all instances share; a test moves it with the other. */
  async time(): Promise<Date> {
    const [row] = await this.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    if (row === undefined) throw new Error('the database told no time');
    return this.clock.at(row.now);
  }

  /** The pool itself, for what needs a connection of its own (listening, session locks). */
  get pool(): Pool {
    return (this.source.driver as PostgresDriver).master as Pool;
  }
}
