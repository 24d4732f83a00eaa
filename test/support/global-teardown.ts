import { Client } from 'pg';
import type { EmbeddedPostgres } from '#database';

export default async function tearDown(): Promise<void> {
  const admin = new Client({ connectionString: process.env['KIKET_TEST_ADMIN_URL'] });
  await admin.connect();
  await admin.query(`DROP DATABASE ${process.env['KIKET_TEST_TEMPLATE'] ?? ''} WITH (FORCE)`);
  await admin.end();
  await (globalThis as { kiketEmbedded?: EmbeddedPostgres }).kiketEmbedded?.stop();
}
