import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Alerts, whom they reach, the links by which they reduce access; and what is remembered so that a rule can count. */
export class SecurityAlerts1764800000000 implements MigrationInterface {
  name = 'SecurityAlerts1764800000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE security_alerts (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organization_id bigint NOT NULL REFERENCES organizations,
        type text NOT NULL,
        severity text NOT NULL,
        subject_type text NOT NULL,
        subject_id bigint,
        subject_name text NOT NULL,
        token_prefix text,
        ip text,
        source_url text,
        count integer NOT NULL CHECK (count > 0),
        first_seen_at timestamptz NOT NULL,
        last_seen_at timestamptz NOT NULL,
        acknowledged_at timestamptz
      );
      CREATE INDEX security_alerts_of_organization ON security_alerts (organization_id, id);
      CREATE INDEX security_alerts_of_subject ON security_alerts (organization_id, type, subject_type, subject_id, first_seen_at);

      CREATE TABLE security_alert_settings (
        organization_id bigint PRIMARY KEY REFERENCES organizations,
        emails text[] NOT NULL,
        sealed_slack_url bytea,
        updated_at timestamptz NOT NULL
      );

      -- What a link in an alert ends, once, when somebody confirms it.
      CREATE TABLE security_alert_actions (
        digest bytea PRIMARY KEY,
        alert_id bigint NOT NULL REFERENCES security_alerts,
        organization_id bigint NOT NULL REFERENCES organizations,
        credential_kind text NOT NULL,
        credential_id bigint NOT NULL,
        expires_at timestamptz NOT NULL,
        used_at timestamptz
      );
      CREATE INDEX security_alert_actions_by_age ON security_alert_actions (expires_at);

      -- For as long as a rule looks back.
      CREATE TABLE failed_logins (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        product_id bigint NOT NULL,
        user_id bigint,
        network text,
        failed_at timestamptz NOT NULL
      );
      CREATE INDEX failed_logins_of_user ON failed_logins (product_id, user_id, failed_at);
      CREATE INDEX failed_logins_from_network ON failed_logins (product_id, network, failed_at);
      CREATE INDEX failed_logins_by_age ON failed_logins (failed_at);

      CREATE TABLE refusal_counts (
        kind text NOT NULL,
        credential_id bigint NOT NULL,
        minute timestamptz NOT NULL,
        count integer NOT NULL,
        PRIMARY KEY (kind, credential_id, minute)
      );
      CREATE INDEX refusal_counts_by_age ON refusal_counts (minute);

      -- A row a credential: some bytes for each network that it was used from.
      CREATE TABLE credential_networks (
        kind text NOT NULL,
        home_id bigint NOT NULL,
        networks cidr[] NOT NULL,
        PRIMARY KEY (kind, home_id)
      );

      -- What a leaked token handed out is found by its acts.
      CREATE INDEX audit_entries_of_tokens ON audit_entries (chain, actor_id) WHERE actor_type = 'workspace_token';
      -- What was recorded before there were alerts is no news.
      INSERT INTO audit_feed_readers (name, position) SELECT 'security alerts', coalesce(max(position), 0) FROM audit_seals;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DELETE FROM audit_feed_readers WHERE name = 'security alerts';
      DROP INDEX audit_entries_of_tokens;
      DROP TABLE credential_networks, refusal_counts, failed_logins, security_alert_actions, security_alert_settings, security_alerts`);
  }
}
