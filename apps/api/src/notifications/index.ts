export { CableAdapter } from './cable/cable-adapter.js';
export { Connections } from './cable/connections.service.js';
export { Digests } from './delivery/digests.service.js';
