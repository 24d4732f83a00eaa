export { batchedRead } from './batched-read.js';
export { ID, reference } from './columns.js';
export { connectionOptions } from './connection.js';
export { Database, type PreparedRead } from './database.js';
export { DatabaseModule } from './database.module.js';
export { EmbeddedPostgres } from './embedded/embedded-postgres.js';
export { insert, insertUnlessTaken } from './insert.js';
export { migrate } from './migrate.js';
export { TenantRepository } from './tenant-repository.js';
