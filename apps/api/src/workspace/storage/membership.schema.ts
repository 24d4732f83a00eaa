import { EntitySchema } from 'typeorm';
import { ID, reference } from '#database';
import { Membership } from '../domain/membership.js';

export const MembershipSchema = new EntitySchema<Membership>({
  name: 'Membership',
  tableName: 'memberships',
  target: Membership,
  columns: {
    id: ID,
    organizationId: reference('organization_id'),
    userId: reference('user_id', { nullable: true }),
    pendingId: reference('pending_id', { nullable: true }),
    role: { type: 'text' },
    invitedEmail: { type: 'text', name: 'invited_email', nullable: true },
    invitedCanonicalEmail: { type: 'text', name: 'invited_canonical_email', nullable: true },
    invitedName: { type: 'text', name: 'invited_name', nullable: true },
    invitationSentTo: { type: 'text', name: 'invitation_sent_to', nullable: true },
    invitationDigest: { type: 'bytea', name: 'invitation_digest', nullable: true },
    invitationExpiresAt: { type: 'timestamptz', name: 'invitation_expires_at', nullable: true },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
    joinedAt: { type: 'timestamptz', name: 'joined_at', nullable: true },
    endedAt: { type: 'timestamptz', name: 'ended_at', nullable: true },
  },
});
