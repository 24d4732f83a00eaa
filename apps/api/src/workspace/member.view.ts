import type { User } from './domain/user.js';
import type { Member } from './members.service.js';

/** A member as the organization sees them; of a pending one, only what the inviter typed. */
export function memberView({ membership, user }: Member) {
  return {
    id: membership.memberId,
    name: user?.name ?? membership.invitedName,
    email: user?.email ?? membership.invitedEmail,
    role: membership.role,
    organization_id: membership.organizationId,
    status: membership.isPending ? 'pending' : 'active',
    ...UNKNOWN,
    deactivated: user === null ? false : !user.isEnabled,
    created_at: membership.createdAt,
    updated_at: membership.updatedAt,
  };
}

/** A machine's stand-in, in the same form: it is no member, and so has no role. */
export function serviceView({ id, name, email, createdAt, updatedAt }: User, organizationId: number) {
  return { id, name, email, role: null, organization_id: organizationId, status: 'active', ...UNKNOWN, deactivated: false, created_at: createdAt, updated_at: updatedAt };
}

/** What clients read, and nobody ever says here. */
const UNKNOWN = { avatar_url: null, expertise_tags: [], historical_velocity: null, capacity: null };
