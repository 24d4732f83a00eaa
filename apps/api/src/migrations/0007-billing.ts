import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What Stripe says of a subscription, and which of its events were taken. */
export class Billing1764600000000 implements MigrationInterface {
  name = 'Billing1764600000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE subscriptions
        ADD COLUMN stripe_customer_id text,
        ADD COLUMN stripe_subscription_id text,
        ADD COLUMN stripe_subscription_created_at timestamptz,
        ADD COLUMN past_due_since timestamptz,
        ADD COLUMN told_at timestamptz,
        ADD COLUMN payment_told_at timestamptz,
        ADD COLUMN asked_at timestamptz,
        ADD COLUMN trial_warned_for timestamptz;
      CREATE INDEX subscriptions_by_customer ON subscriptions (stripe_customer_id) WHERE stripe_customer_id IS NOT NULL;
      CREATE INDEX subscriptions_asked ON subscriptions (greatest(told_at, asked_at)) WHERE stripe_subscription_id IS NOT NULL;
      CREATE INDEX subscriptions_trials ON subscriptions (trial_ends_at) WHERE status = 'trialing';

      CREATE TABLE stripe_events (
        id text PRIMARY KEY,
        type text NOT NULL,
        received_at timestamptz NOT NULL
      );
      CREATE INDEX stripe_events_by_age ON stripe_events (received_at);

      CREATE TRIGGER standing_by_past_due_since AFTER UPDATE OF past_due_since ON subscriptions FOR EACH ROW
      WHEN (OLD.past_due_since IS DISTINCT FROM NEW.past_due_since) EXECUTE FUNCTION kiket_standing_changed('organization', 'organization_id')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE stripe_events;
      DROP TRIGGER standing_by_past_due_since ON subscriptions;
      ALTER TABLE subscriptions
        DROP COLUMN stripe_customer_id,
        DROP COLUMN stripe_subscription_id,
        DROP COLUMN stripe_subscription_created_at,
        DROP COLUMN past_due_since,
        DROP COLUMN told_at,
        DROP COLUMN payment_told_at,
        DROP COLUMN asked_at,
        DROP COLUMN trial_warned_for`);
  }
}
