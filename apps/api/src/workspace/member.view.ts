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
    avatar_url: null,
    expertise_tags: [],
    historical_velocity: null,
    capacity: null,
    deactivated: user === null ? false : !user.isEnabled,
    created_at: membership.createdAt,
    updated_at: membership.updatedAt,
  };
}
