import { ROLES, type Role } from '#domain';
import { OneOf } from '#request';
import type { MemberFilter } from '../members.service.js';
import { sent } from './sent.js';

export class UserFilters {
  @OneOf(ROLES, { optional: true }) role?: Role;

  toDomain(): MemberFilter {
    return sent<Required<MemberFilter>>({ role: this.role });
  }
}
