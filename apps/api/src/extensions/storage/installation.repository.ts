import { Injectable } from '@nestjs/common';
import { type FindOptionsWhere, IsNull } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';
import { Database, insertUnlessTaken, TenantRepository } from '#database';
import type { PageOf, PageRequest } from '#request';
import type { Installation } from '../domain/installation.js';
import { InstallationSchema } from './installation.schema.js';

const SORTED_BY = { installed_at: 'installedAt', name: 'name' } as const;

/** Which installation a path means: by its own id (a number), or by its manifest's (a text), in this project if one is named. */
export interface InstallationRef {
  readonly id: number | string;
  readonly projectId?: number | undefined;
}

/** Those that are installed; an uninstalled one is kept only so that its keys are known to be dead. */
@Injectable()
export class InstallationRepository extends TenantRepository<Installation> {
  constructor(database: Database) {
    super(database, InstallationSchema);
  }

  /** False, and nothing written, where the project has this extension already. */
  async addUnlessInstalled(installation: Installation): Promise<boolean> {
    return insertUnlessTaken(this.rows, installation);
  }

  async list(organizationId: number, projectId: number | undefined, { page, perPage, sort }: PageRequest): Promise<PageOf<Installation>> {
    const direction = sort?.descending === true ? 'DESC' : 'ASC';
    const by = sort === null ? 'id' : SORTED_BY[sort.by as keyof typeof SORTED_BY];
    const [rows, total] = await this.rows.findAndCount({
      where: { organizationId, uninstalledAt: IsNull(), ...(projectId !== undefined && { projectId }) },
      order: { [by]: direction, id: direction },
      skip: (page - 1) * perPage,
      take: perPage,
    });
    return { rows, total };
  }

  /** Two where more than one fits. */
  async named(organizationId: number, { id, projectId }: InstallationRef): Promise<Installation[]> {
    const where: FindOptionsWhere<Installation> = { organizationId, uninstalledAt: IsNull(), ...(projectId !== undefined && { projectId }) };
    return this.rows.find({ where: typeof id === 'number' ? { ...where, id } : { ...where, extensionId: id }, order: { id: 'ASC' }, take: 2 });
  }

  /** What it is or was called, uninstalled or not. */
  async nameOf(organizationId: number, id: number): Promise<string | null> {
    return (await this.rows.findOneBy({ organizationId, id }))?.name ?? null;
  }

  /** The row, locked until the transaction ends: of ten acts at once, each sees what the one before left. */
  async lock(organizationId: number, id: number): Promise<Installation | null> {
    return this.rows.findOne({ where: { organizationId, id, uninstalledAt: IsNull() }, lock: { mode: 'pessimistic_write' } });
  }

  /** All of a project, locked like one. */
  async lockOf(organizationId: number, projectId: number): Promise<Installation[]> {
    return this.rows.find({ where: { organizationId, projectId, uninstalledAt: IsNull() }, order: { id: 'ASC' }, lock: { mode: 'pessimistic_write' } });
  }

  async save(installation: Installation): Promise<void> {
    const { id, organizationId, name, version, manifest, permissions, pendingPermissions, pendingManifest, updatedAt, uninstalledAt } = installation;
    const changes = { name, version, manifest, permissions, pendingPermissions, pendingManifest, updatedAt, uninstalledAt };
    await this.rows.update({ id, organizationId }, changes as QueryDeepPartialEntity<Installation>);
  }
}
