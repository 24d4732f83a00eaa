import { Injectable } from '@nestjs/common';
import { IsNull, MoreThan } from 'typeorm';
import { Database, TenantRepository } from '#database';
import type { PageOf, PageRequest } from '#request';
import type { SecurityAlert, Suspicion } from '../domain/security-alert.js';
import { SecurityAlertSchema } from './security-alert.schema.js';

@Injectable()
export class SecurityAlertRepository extends TenantRepository<SecurityAlert> {
  constructor(database: Database) {
    super(database, SecurityAlertSchema);
  }

  /** Newest first. */
  async list(organizationId: number, { page, perPage }: PageRequest): Promise<PageOf<SecurityAlert>> {
    const [rows, total] = await this.rows.findAndCount({ where: { organizationId }, order: { id: 'DESC' }, skip: (page - 1) * perPage, take: perPage });
    return { rows, total };
  }

  async find(organizationId: number, id: number): Promise<SecurityAlert | null> {
    return this.rows.findOneBy({ organizationId, id });
  }

  /** Of several that see the same at once, one after the other looks whether it was told; until the transaction ends. */
  async holdSubject({ organizationId, type, subject }: Suspicion): Promise<void> {
    await this.database.query(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [`security-alert:${organizationId}:${type}:${subject.type}:${subject.id ?? subject.name}`]);
  }

  /** The one of the same cause and subject that was raised since then. */
  async open({ organizationId, type, subject }: Suspicion, since: Date): Promise<SecurityAlert | null> {
    return this.rows.findOne({
      where: { organizationId, type, subjectType: subject.type, firstSeenAt: MoreThan(since), ...(subject.id === null ? { subjectId: IsNull(), subjectName: subject.name } : sameSubject(subject)) },
      order: { id: 'DESC' },
    });
  }

  /** What was counted; nobody else counts while the subject is held. */
  async save({ id, organizationId, ip, count, lastSeenAt }: SecurityAlert): Promise<void> {
    await this.rows.update({ id, organizationId }, { ip, count, lastSeenAt });
  }

  /** The first date stays; false where there is one, and where there is no such alert. */
  async acknowledge(organizationId: number, id: number, now: Date): Promise<boolean> {
    const { affected } = await this.rows.update({ id, organizationId, acknowledgedAt: IsNull() }, { acknowledgedAt: now });
    return affected === 1;
  }
}

/** An extension has several secrets: they are told apart by their names. */
function sameSubject({ type, id, name }: Suspicion['subject']) {
  return { subjectId: id as number, ...(type === 'extension_secret' && { subjectName: name }) };
}
