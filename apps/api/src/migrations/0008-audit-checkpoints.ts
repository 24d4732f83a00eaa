import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Signed checkpoints of the audit trail and the keys that signed them; what was written stays, for everybody but the owner of the tables. */
export class AuditCheckpoints1764700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE audit_checkpoints (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        chain text NOT NULL,
        chain_position bigint NOT NULL,
        created_at timestamptz NOT NULL,
        jws text NOT NULL,
        UNIQUE (chain, chain_position)
      );
      CREATE TABLE audit_keys (
        kid text PRIMARY KEY,
        sealed_public_jwk bytea NOT NULL,
        first_signed_at timestamptz NOT NULL
      );

      CREATE INDEX audit_seals_in_order ON audit_seals (chain, position);
      CREATE INDEX audit_entries_of_people ON audit_entries (chain, target_id) WHERE chain LIKE 'identity:%';

      CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NOT pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE') THEN
          RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NULL;
      END $$;
    `);
    for (const table of ['audit_entries', 'audit_seals', 'audit_checkpoints', 'audit_keys']) {
      await runner.query(
        `CREATE TRIGGER ${table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()`,
      );
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE audit_checkpoints, audit_keys;
      DROP TRIGGER audit_entries_append_only ON audit_entries;
      DROP TRIGGER audit_seals_append_only ON audit_seals;
      DROP FUNCTION audit_is_append_only;
      DROP INDEX audit_seals_in_order, audit_entries_of_people;
    `);
  }
}
