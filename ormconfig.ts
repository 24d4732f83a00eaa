import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { MIGRATIONS } from './apps/api/src/migrations/index.js';
import { loadConfig } from '#config';
import { connectionOptions } from '#database';

const { databaseUrl } = loadConfig();
if (databaseUrl === undefined) throw new Error('Set DATABASE_URL: the TypeORM command line does not start the embedded database.');

/** For TypeORM's own command line: `npx typeorm -d dist/ormconfig.js migration:show`. */
export default new DataSource({ ...connectionOptions(databaseUrl), migrations: MIGRATIONS });
