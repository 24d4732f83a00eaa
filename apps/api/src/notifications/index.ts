export { CableAdapter } from './cable/cable-adapter.js';
export { Connections } from './cable/connections.service.js';
export { Streams } from './cable/streams.service.js';
export { Digests } from './delivery/digests.service.js';
export { Inbox } from './inbox.service.js';
export { NotificationsModule } from './notifications.module.js';
export { Notifier } from './notifier.service.js';
export { InboxRepository } from './storage/inbox.repository.js';
