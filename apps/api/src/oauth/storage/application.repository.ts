import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';
import { Database, TenantRepository } from '#database';
import type { PageOf, PageRequest } from '#request';
import type { Application } from '../domain/application.js';
import { ApplicationSchema } from './application.schema.js';

const SORTED_BY = { created_at: 'createdAt', name: 'name' } as const;

@Injectable()
export class ApplicationRepository extends TenantRepository<Application> {
  constructor(database: Database) {
    super(database, ApplicationSchema);
  }

  async list(organizationId: number, { page, perPage, sort }: PageRequest): Promise<PageOf<Application>> {
    const direction = sort?.descending === false ? 'ASC' : 'DESC';
    const by = sort === null ? 'id' : SORTED_BY[sort.by as keyof typeof SORTED_BY];
    const [rows, total] = await this.rows.findAndCount({
      where: { organizationId, deletedAt: IsNull() },
      order: { [by]: direction, id: direction },
      skip: (page - 1) * perPage,
      take: perPage,
    });
    return { rows, total };
  }

  async find(organizationId: number, id: number): Promise<Application | null> {
    return this.rows.findOneBy({ organizationId, id, deletedAt: IsNull() });
  }

  /** A deleted one too: it has a name for whoever hears of it afterwards. */
  async findEver(organizationId: number, id: number): Promise<Application | null> {
    return this.rows.findOneBy({ organizationId, id });
  }

  /** The row, locked until the transaction ends: whoever adds a secret counts the others under it. */
  async lock(organizationId: number, id: number): Promise<Application | null> {
    return this.rows.findOne({ where: { organizationId, id, deletedAt: IsNull() }, lock: { mode: 'pessimistic_write' } });
  }

  async save(application: Application): Promise<void> {
    const { id, organizationId, name, scopes, accessTokenTtl, jwks, updatedAt, deletedAt } = application;
    await this.rows.update({ id, organizationId }, { name, scopes, accessTokenTtl, jwks, updatedAt, deletedAt } as QueryDeepPartialEntity<Application>);
  }
}
