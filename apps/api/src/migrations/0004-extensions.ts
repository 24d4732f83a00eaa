import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Installed extensions, their keys, their secrets, and the keys under which those stand. */
export class Extensions1764300000000 implements MigrationInterface {
  name = 'Extensions1764300000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE extensions (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organization_id bigint NOT NULL REFERENCES organizations,
        -- Outlives its project, so that its keys are known to be dead.
        project_id bigint NOT NULL,
        service_user_id bigint NOT NULL REFERENCES users,
        extension_id text NOT NULL,
        name text NOT NULL,
        version text NOT NULL,
        manifest jsonb NOT NULL,
        permissions text[] NOT NULL,
        pending_permissions text[] NOT NULL,
        pending_manifest jsonb,
        installed_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        uninstalled_at timestamptz
      );
      CREATE UNIQUE INDEX extensions_of_project ON extensions (project_id, extension_id) WHERE uninstalled_at IS NULL;
      CREATE INDEX extensions_of_organization ON extensions (organization_id, id);

      CREATE TABLE extension_keys (
        digest bytea PRIMARY KEY,
        installation_id bigint NOT NULL REFERENCES extensions,
        prefix text NOT NULL,
        created_at timestamptz NOT NULL,
        last_used_at timestamptz,
        ends_at timestamptz
      ) WITH (fillfactor = 50);
      -- When a row was used last is written every few seconds: a page keeps room for a second version of all that are on it, so that no index grows.
      ALTER TABLE workspace_tokens SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
      ALTER TABLE oauth_secrets SET (fillfactor = 50);
      CREATE UNIQUE INDEX extension_keys_current ON extension_keys (installation_id) WHERE ends_at IS NULL;
      CREATE INDEX extension_keys_of_installation ON extension_keys (installation_id, prefix);

      CREATE TABLE data_keys (
        version integer PRIMARY KEY CHECK (version > 0),
        sealed bytea NOT NULL,
        created_at timestamptz NOT NULL
      );

      CREATE TABLE extension_secrets (
        installation_id bigint NOT NULL REFERENCES extensions,
        key text NOT NULL,
        sealed bytea NOT NULL,
        key_version integer NOT NULL REFERENCES data_keys,
        fingerprint text NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        last_rotated_at timestamptz,
        rotation_count integer NOT NULL,
        own_read_recorded_at timestamptz,
        broken_told_at timestamptz,
        PRIMARY KEY (installation_id, key)
      );
      CREATE INDEX extension_secrets_by_key_version ON extension_secrets (key_version);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE workspace_tokens RESET (fillfactor, autovacuum_vacuum_scale_factor);
      ALTER TABLE oauth_secrets RESET (fillfactor);
      DROP TABLE extension_secrets, data_keys, extension_keys, extensions`);
  }
}
