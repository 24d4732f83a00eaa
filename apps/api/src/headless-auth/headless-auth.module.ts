import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { WorkspaceModule } from '../workspace/index.js';
import { EntryController } from './http/entry.controller.js';
import { JwksController } from './http/jwks.controller.js';
import { MembersController } from './http/members.controller.js';
import { PasswordController } from './http/password.controller.js';
import { ProfileController } from './http/profile.controller.js';
import { SessionController } from './http/session.controller.js';
import { Lockout } from './lockout.service.js';
import { Logins } from './login.service.js';
import { Invitations } from './members/invitations.service.js';
import { MemberAdministration } from './members/member-administration.service.js';
import { NewPasswords } from './new-password.service.js';
import { Operator } from './operator/operator.service.js';
import { PasswordCheck } from './password-check.service.js';
import { PasswordResets } from './password-reset.service.js';
import { Profiles } from './profile.service.js';
import { Registrations } from './registration.service.js';
import { SessionAuthenticator } from './session-authenticator.js';
import { SessionEndings } from './session-endings.service.js';
import { Sessions } from './sessions.service.js';
import { SignIn } from './sign-in.service.js';
import { AttemptRepository } from './storage/attempt.repository.js';
import { KnownNetworkRepository } from './storage/known-network.repository.js';
import { LoginTicketRepository } from './storage/login-ticket.repository.js';
import { PasswordResetRepository } from './storage/password-reset.repository.js';
import { PasswordRepository } from './storage/password.repository.js';
import { SessionReader } from './storage/session-reader.js';
import { SessionRepository } from './storage/session.repository.js';
import { SessionSchema } from './storage/session.schema.js';
import { TokenPairs } from './token-pair.service.js';

const SERVICES = [
  Registrations, Logins, SignIn, Sessions, SessionAuthenticator, SessionEndings, TokenPairs, PasswordCheck, PasswordResets, NewPasswords,
  Profiles, Lockout, Invitations, MemberAdministration, Operator,
];

const STORAGE = [
  SessionRepository, SessionReader, PasswordRepository, PasswordResetRepository, LoginTicketRepository, AttemptRepository,
  KnownNetworkRepository,
];

@Module({
  imports: [WorkspaceModule, TypeOrmModule.forFeature([SessionSchema])],
  controllers: [EntryController, SessionController, PasswordController, ProfileController, MembersController, JwksController],
  providers: [...SERVICES, ...STORAGE],
  exports: [Operator],
})
export class HeadlessAuthModule {}
