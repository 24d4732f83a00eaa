export { type Act, type AuditAction, type Reference } from './act.js';
export { Audit } from './audit.js';
export { AuditModule } from './audit.module.js';
export { type Happening, type HappeningKind } from './happening.js';
export { Issued } from './issued.js';
export { Feed, type FeedEntry, type FeedReader } from './feed.js';
export { Sealer } from './sealer.js';
export { ChainVerifier, type Verdict } from './verify.js';
