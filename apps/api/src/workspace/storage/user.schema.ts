import { EntitySchema } from 'typeorm';
import { ID } from '#database';
import { User } from '../domain/user.js';

export const UserSchema = new EntitySchema<User>({
  name: 'User',
  tableName: 'users',
  target: User,
  columns: {
    id: ID,
    email: { type: 'text' },
    canonicalEmail: { type: 'text', name: 'canonical_email', nullable: true },
    isService: { type: 'boolean', name: 'is_service' },
    name: { type: 'text' },
    locale: { type: 'text' },
    emailProvenAt: { type: 'timestamptz', name: 'email_proven_at', nullable: true },
    disabledAt: { type: 'timestamptz', name: 'disabled_at', nullable: true },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    updatedAt: { type: 'timestamptz', name: 'updated_at' },
  },
});
