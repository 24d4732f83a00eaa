export { Jobs } from './jobs.js';
export { JobsModule } from './jobs.module.js';
export { Rounds } from './rounds.js';
export type { Queue } from './queue.js';
