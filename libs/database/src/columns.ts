import type { EntitySchemaColumnOptions } from 'typeorm';

/** TypeORM hydrates bigint as text, whatever the driver parsed; our ids are numbers, and stay below 2^53. */
const asNumber = {
  to: (value: number | null) => value,
  from: (value: string | number | null) => (value === null ? null : Number(value)),
};

/** A row's own id, given by the database. */
export const ID: EntitySchemaColumnOptions = { type: 'bigint', primary: true, generated: 'increment', transformer: asNumber };

/** The id of another row. */
export function reference(name: string, options: { nullable?: boolean } = {}): EntitySchemaColumnOptions {
  return { type: 'bigint', name, transformer: asNumber, ...options };
}
