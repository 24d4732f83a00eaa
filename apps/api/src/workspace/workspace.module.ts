import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Members } from './members.service.js';
import { Organizations } from './organizations.service.js';
import { MembershipRepository } from './storage/membership.repository.js';
import { MembershipSchema } from './storage/membership.schema.js';
import { OrganizationRepository } from './storage/organization.repository.js';
import { OrganizationSchema } from './storage/organization.schema.js';
import { UserRepository } from './storage/user.repository.js';
import { UserSchema } from './storage/user.schema.js';
import { Users } from './users.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([UserSchema, OrganizationSchema, MembershipSchema])],
  providers: [Users, Organizations, Members, UserRepository, OrganizationRepository, MembershipRepository],
  exports: [Users, Organizations, Members],
})
export class WorkspaceModule {}
