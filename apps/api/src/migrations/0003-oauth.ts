import type { MigrationInterface, QueryRunner } from 'typeorm';

/** OAuth applications and their secrets; what revocation needs to remember; users that are no people. */
export class OAuth1764200000000 implements MigrationInterface {
  name = 'OAuth1764200000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE users ALTER COLUMN canonical_email DROP NOT NULL;
      ALTER TABLE users ADD COLUMN is_service boolean NOT NULL DEFAULT false;
      ALTER TABLE users ADD CHECK (is_service = (canonical_email IS NULL));

      CREATE TABLE oauth_applications (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organization_id bigint NOT NULL REFERENCES organizations,
        service_user_id bigint NOT NULL REFERENCES users,
        name text NOT NULL,
        client_id text NOT NULL UNIQUE,
        scopes text[] NOT NULL,
        access_token_ttl integer NOT NULL CHECK (access_token_ttl BETWEEN 60 AND 3600),
        jwks jsonb,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        deleted_at timestamptz
      );
      CREATE INDEX oauth_applications_of_organization ON oauth_applications (organization_id, id);

      CREATE TABLE oauth_secrets (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        application_id bigint NOT NULL REFERENCES oauth_applications,
        digest bytea NOT NULL UNIQUE,
        prefix text NOT NULL,
        created_at timestamptz NOT NULL,
        last_used_at timestamptz,
        expires_at timestamptz,
        revoked_at timestamptz
      );
      CREATE INDEX oauth_secrets_of_application ON oauth_secrets (application_id);

      CREATE TABLE oauth_revoked_tokens (
        jti text PRIMARY KEY,
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX oauth_revoked_tokens_expiring ON oauth_revoked_tokens (expires_at);

      CREATE TABLE oauth_assertions (
        application_id bigint NOT NULL REFERENCES oauth_applications,
        jti text NOT NULL,
        expires_at timestamptz NOT NULL,
        PRIMARY KEY (application_id, jti)
      );
      CREATE INDEX oauth_assertions_expiring ON oauth_assertions (expires_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE oauth_assertions, oauth_revoked_tokens, oauth_secrets, oauth_applications;
      DELETE FROM users WHERE is_service;
      ALTER TABLE users DROP COLUMN is_service;
      ALTER TABLE users ALTER COLUMN canonical_email SET NOT NULL`);
  }
}
