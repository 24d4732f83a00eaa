export { canonicalEmail } from './domain/email.js';
export type { Membership } from './domain/membership.js';
export type { User } from './domain/user.js';
export { Members } from './members.service.js';
export { Organizations } from './organizations.service.js';
export type { Affiliation } from './storage/membership.repository.js';
export { identityOf, STANDING, type Standing, stands, subscriptionOf } from './storage/standing.js';
export { Users } from './users.service.js';
export { WorkspaceModule } from './workspace.module.js';
