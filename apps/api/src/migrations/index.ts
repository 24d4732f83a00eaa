import { Foundation1764000000000 } from './0001-foundation.js';
import { Workspace1764100000000 } from './0002-workspace.js';
import { OAuth1764200000000 } from './0003-oauth.js';
import { Extensions1764300000000 } from './0004-extensions.js';
import { Notifications1764400000000 } from './0005-notifications.js';
import { EndedSessions1764500000000 } from './0006-ended-sessions.js';
import { Billing1764600000000 } from './0007-billing.js';
import { AuditCheckpoints1764700000000 } from './0008-audit-checkpoints.js';
import { SecurityAlerts1764800000000 } from './0009-security-alerts.js';
import { IgnoredStripeEvents1764900000000 } from './0010-ignored-stripe-events.js';

/** In the order in which they are applied; what has landed is never edited. */
export const MIGRATIONS = [Foundation1764000000000, Workspace1764100000000, OAuth1764200000000, Extensions1764300000000, Notifications1764400000000, EndedSessions1764500000000, Billing1764600000000, AuditCheckpoints1764700000000, SecurityAlerts1764800000000, IgnoredStripeEvents1764900000000];
