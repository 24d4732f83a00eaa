import type { ObjectLiteral, Repository } from 'typeorm';

/** Inserts a new row and gives it the id that the database chose; false, and nothing written, where a unique index refuses it. */
export async function insertUnlessTaken<Row extends ObjectLiteral & { readonly id: number }>(rows: Repository<Row>, row: Row): Promise<boolean> {
  const result = await rows.createQueryBuilder().insert().values(row as never).orIgnore().updateEntity(false).returning('id').execute();
  return adoptId(result.raw as { id: number }[], row);
}

/** Inserts a new row and gives it the id that the database chose. */
export async function insert<Row extends ObjectLiteral & { readonly id: number }>(rows: Repository<Row>, row: Row): Promise<void> {
  // TypeORM's own insert() would hand the id on as text.
  const result = await rows.createQueryBuilder().insert().values(row as never).updateEntity(false).returning('id').execute();
  adoptId(result.raw as { id: number }[], row);
}

function adoptId(raw: readonly { id: number }[], row: object): boolean {
  const [inserted] = raw;
  if (inserted !== undefined) Object.assign(row, { id: inserted.id });
  return inserted !== undefined;
}
