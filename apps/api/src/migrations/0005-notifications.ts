import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Columns whose change may end a credential, by table, and whose it is then. */
const STANDING = [
  ['sessions', 'revoked_at', 'session', 'id'],
  ['memberships', 'ended_at', 'membership', 'id'],
  ['users', 'disabled_at', 'user', 'id'],
  ['organizations', 'suspended_at', 'organization', 'id'],
  ['products', 'active', 'product', 'id'],
  ['products', 'allowed_origins', 'product', 'id'],
  ['subscriptions', 'status', 'organization', 'organization_id'],
  ['subscriptions', 'trial_ends_at', 'organization', 'organization_id'],
  ['subscriptions', 'current_period_end', 'organization', 'organization_id'],
] as const;

/** Inboxes with their notifications, what people want of them, happenings of workspaces, and what sockets need to know. */
export class Notifications1764400000000 implements MigrationInterface {
  name = 'Notifications1764400000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE happenings (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        organization_id bigint NOT NULL,
        occurred_at timestamptz NOT NULL,
        actor_type text NOT NULL,
        actor_id text,
        action text NOT NULL,
        target_type text NOT NULL,
        target_id text NOT NULL,
        metadata jsonb NOT NULL,
        position bigint UNIQUE
      );
      CREATE INDEX happenings_pending ON happenings (id) WHERE position IS NULL;

      ALTER TABLE issues ADD COLUMN due_warned_for timestamptz;
      CREATE INDEX issues_due ON issues (due_at) WHERE due_at IS NOT NULL;

      CREATE TABLE inboxes (
        membership_id bigint PRIMARY KEY REFERENCES memberships,
        organization_id bigint NOT NULL REFERENCES organizations,
        epoch text NOT NULL,
        last_offset bigint NOT NULL,
        unread_count integer NOT NULL CHECK (unread_count >= 0),
        version bigint NOT NULL
      ) WITH (fillfactor = 50);

      CREATE TABLE notifications (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        membership_id bigint NOT NULL REFERENCES inboxes,
        organization_id bigint NOT NULL REFERENCES organizations,
        stream_offset bigint NOT NULL,
        type text NOT NULL,
        title text NOT NULL,
        message text NOT NULL,
        url text,
        created_at timestamptz NOT NULL,
        read_at timestamptz
      );
      CREATE UNIQUE INDEX notifications_in_order ON notifications (membership_id, stream_offset);
      CREATE INDEX notifications_unread ON notifications (membership_id, id) WHERE read_at IS NULL;

      CREATE TABLE notification_preferences (
        membership_id bigint NOT NULL REFERENCES memberships,
        type text NOT NULL,
        in_app boolean NOT NULL,
        email boolean NOT NULL,
        PRIMARY KEY (membership_id, type)
      );

      -- What waits to be mailed; one mail tells all that waits by then.
      CREATE TABLE notification_mails (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        membership_id bigint NOT NULL REFERENCES memberships,
        organization_id bigint NOT NULL REFERENCES organizations,
        title text NOT NULL,
        message text NOT NULL,
        url text,
        created_at timestamptz NOT NULL
      );
      CREATE INDEX notification_mails_of_member ON notification_mails (membership_id, id);
      CREATE TABLE notification_digests (
        membership_id bigint PRIMARY KEY REFERENCES memberships,
        sent_at timestamptz NOT NULL
      );

      CREATE TABLE notification_requests (
        organization_id bigint NOT NULL,
        actor text NOT NULL,
        idempotency_key text NOT NULL,
        request_digest bytea NOT NULL,
        answer jsonb,
        created_at timestamptz NOT NULL,
        PRIMARY KEY (organization_id, actor, idempotency_key)
      );
      CREATE INDEX notification_requests_by_age ON notification_requests (created_at);

      CREATE TABLE cable_resumptions (
        digest bytea PRIMARY KEY,
        membership_id bigint NOT NULL,
        identifiers jsonb NOT NULL,
        created_at timestamptz NOT NULL
      );
      CREATE INDEX cable_resumptions_by_age ON cable_resumptions (created_at);

      -- Whatever ends a credential, by whichever way, is heard by the instances that hold its sockets.
      CREATE FUNCTION kiket_standing_changed() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('kiket_standing', TG_ARGV[0] || ':' || (to_jsonb(NEW)->>TG_ARGV[1]));
        RETURN NULL;
      END $$;
    `);
    for (const [table, column, subject, id] of STANDING) {
      await runner.query(`
        CREATE TRIGGER standing_by_${column} AFTER UPDATE OF ${column} ON ${table} FOR EACH ROW
        WHEN (OLD.${column} IS DISTINCT FROM NEW.${column}) EXECUTE FUNCTION kiket_standing_changed('${subject}', '${id}')`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION kiket_standing_changed CASCADE;
      DROP TABLE cable_resumptions, notification_requests, notification_digests, notification_mails, notification_preferences, notifications, inboxes;
      DROP INDEX issues_due;
      ALTER TABLE issues DROP COLUMN due_warned_for;
      DROP TABLE happenings`);
  }
}
