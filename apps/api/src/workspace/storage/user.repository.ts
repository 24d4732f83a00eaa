import { Injectable } from '@nestjs/common';
import { In, type Repository } from 'typeorm';
import { Database, insert, insertUnlessTaken } from '#database';
import type { User } from '../domain/user.js';
import { UserSchema } from './user.schema.js';

/** People stand above organizations, so their finders take none. */
@Injectable()
export class UserRepository {
  constructor(private readonly database: Database) {}

  private get rows(): Repository<User> {
    return this.database.manager.getRepository(UserSchema);
  }

  async byId(id: number): Promise<User | null> {
    return this.rows.findOneBy({ id });
  }

  async byIds(ids: readonly number[]): Promise<User[]> {
    return this.rows.findBy({ id: In([...ids]) });
  }

  async byCanonicalEmail(canonicalEmail: string): Promise<User | null> {
    return this.rows.findOneBy({ canonicalEmail });
  }

  /** The row, locked until the transaction ends. */
  async lock(id: number): Promise<User | null> {
    return this.rows.findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
  }

  /** The row, kept as it is until the transaction ends; any number may hold it at once. */
  async hold(id: number): Promise<User | null> {
    return this.rows.findOne({ where: { id }, lock: { mode: 'for_key_share' } });
  }

  /** False where the address has an account already: of twenty at once, one is new. */
  async addIfNew(user: User): Promise<boolean> {
    return insertUnlessTaken(this.rows, user);
  }

  async add(user: User): Promise<void> {
    await insert(this.rows, user);
  }

  async save(user: User): Promise<void> {
    const { id, name, locale, emailProvenAt, disabledAt, updatedAt } = user;
    await this.rows.update({ id }, { name, locale, emailProvenAt, disabledAt, updatedAt });
  }

  /** An id that no user has or will have. */
  async reserveId(): Promise<number> {
    const [row] = await this.database.query<{ id: number }>(`SELECT nextval(pg_get_serial_sequence('users', 'id')) AS id`);
    if (row === undefined) throw new Error('the users sequence gave no id');
    return row.id;
  }
}
