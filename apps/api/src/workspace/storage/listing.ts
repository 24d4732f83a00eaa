import { type FindOperator, type FindOptionsOrder, ILike } from 'typeorm';
import type { PageRequest } from '#request';

interface ListedRow {
  readonly id: number;
}

/** One page of a list: sorted as asked, else by age; the id decides between equals, so that pages neither repeat nor skip a row. */
export function slice<Row extends ListedRow>({ page, perPage, sort }: PageRequest, properties: Readonly<Record<string, keyof Row>>) {
  const property = sort === null ? undefined : properties[sort.by];
  const direction = sort?.descending === true ? 'DESC' : 'ASC';
  const order = { ...(property !== undefined && { [property]: direction }), id: direction } as FindOptionsOrder<Row>;
  return { order, skip: (page - 1) * perPage, take: perPage };
}

/** Found wherever it stands, in whichever case; nothing in it is a wildcard. */
export function containing(text: string): FindOperator<string> {
  return ILike(`%${text.replace(/[\\%_]/g, '\\$&')}%`);
}
