import { Foundation1764000000000 } from './0001-foundation.js';
import { Workspace1764100000000 } from './0002-workspace.js';
import { OAuth1764200000000 } from './0003-oauth.js';
import { Extensions1764300000000 } from './0004-extensions.js';
import { Notifications1764400000000 } from './0005-notifications.js';
import { EndedSessions1764500000000 } from './0006-ended-sessions.js';
import { Billing1764600000000 } from './0007-billing.js';
import { PaymentsTold1764650000000 } from './0008-payments-told.js';

/** In the order in which they are applied; what has landed is never edited. */
export const MIGRATIONS = [Foundation1764000000000, Workspace1764100000000, OAuth1764200000000, Extensions1764300000000, Notifications1764400000000, EndedSessions1764500000000, Billing1764600000000, PaymentsTold1764650000000];
