import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { ServiceProcess } from '../support/process.js';
import { World } from '../support/world.js';
import { checkpoint } from './long-trail.js';

jest.setTimeout(120_000);

const ROLE = `kiket_app_${randomBytes(4).toString('hex')}`;
const TABLES = ['audit_entries', 'audit_seals', 'audit_checkpoints', 'audit_keys'];

/** As the README says it. */
const SETUP = (role: string) => `
  GRANT USAGE ON SCHEMA public, jobs TO ${role};
  GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, jobs TO ${role};
  GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public, jobs TO ${role};
  GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public, jobs TO ${role};
  REVOKE UPDATE, DELETE, TRUNCATE ON audit_entries, audit_seals, audit_checkpoints, audit_keys FROM ${role};`;

let world: World;
let url: string;

/** The embedded server's role makes no other: there the tables' owner is all there is. */
const describeWithRoles = process.env['TEST_DATABASE_URL'] === undefined ? describe.skip : describe;

describeWithRoles('the trail beside the role that owns it', () => {
  beforeAll(async () => {
    world = await World.start();
    await checkpoint((await world.register()).client);
    const password = randomBytes(8).toString('hex');
    await world.database.sql(`CREATE ROLE ${ROLE} LOGIN PASSWORD '${password}'`);
    await world.database.sql(SETUP(ROLE));
    url = Object.assign(new URL(world.database.url), { username: ROLE, password }).toString();
  });
  afterAll(async () => {
    await ServiceProcess.killAll();
    await world.database.sql(`DROP OWNED BY ${ROLE}`);
    await world.database.sql(`DROP ROLE ${ROLE}`);
    await world.stop();
  });

  async function as<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  const attempts = TABLES.flatMap((table) => [
    `UPDATE ${table} SET ${table === 'audit_keys' ? 'kid = kid' : 'chain = chain'}`,
    `UPDATE ${table} SET ${table === 'audit_keys' ? 'kid = kid' : 'chain = chain'} WHERE false`,
    `DELETE FROM ${table}`,
    `TRUNCATE ${table}`,
    `DROP TABLE ${table}`,
    `ALTER TABLE ${table} DISABLE TRIGGER ALL`,
  ]);
  attempts.push(
    'INSERT INTO audit_keys SELECT * FROM audit_keys ON CONFLICT (kid) DO UPDATE SET first_signed_at = now()',
    'MERGE INTO audit_keys k USING audit_keys o ON k.kid = o.kid WHEN MATCHED THEN UPDATE SET first_signed_at = now()',
    'MERGE INTO audit_seals s USING audit_seals o ON s.entry_id = o.entry_id WHEN MATCHED THEN DELETE',
    'CREATE RULE swallow AS ON INSERT TO audit_entries DO INSTEAD NOTHING',
    `CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
    'DROP TRIGGER audit_seals_append_only ON audit_seals',
    'SET session_replication_role = replica',
  );
  const refusalOf = async (statement: string) => as(async (client) => client.query(statement).then(() => 'done', (error: { code?: string }) => error.code));

  it.each(attempts)('the application’s role is refused: %s', async (statement) => {
    expect(await refusalOf(statement)).toBe('42501');
  });

  it('also where somebody granted it everything: a trigger stands before the tables', async () => {
    for (const table of TABLES) await world.database.sql(`GRANT ALL ON ${table} TO ${ROLE}`);
    for (const statement of attempts) expect([statement, await refusalOf(statement)]).toEqual([statement, '42501']);
    for (const table of TABLES) expect((await world.database.sql(`SELECT 1 FROM ${table}`)).length).toBeGreaterThan(0);
    await world.database.sql(SETUP(ROLE));
  });

  it('the service starts and works as that role, seals, signs and verifies', async () => {
    const service = await ServiceProcess.start({ ...world.env, DATABASE_URL: url });
    const base = `${service.base}/api/v1`;
    const { body } = await world.visitor.at(base).post('/auth/register', {
      email: world.freshEmail(), password: 'SecurePass123!', name: 'Jan', organization_name: 'Acme',
    });
    const admin = world.visitor.at(base).bearer(body.access_token as string);
    expect((await admin.post('/audit_checkpoints')).status).toBe(201);
    expect((await admin.get('/audit_events/verify')).body).toMatchObject({ valid: true, events: 2 });
    expect((await admin.post('/users', { user: { email: world.freshEmail(), name: 'Eva', role: 'member' } })).status).toBe(201);
    expect((await admin.get('/audit_events')).body.meta.total_count).toBe(3);
    await service.kill();
  });
});
