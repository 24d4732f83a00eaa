import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Payments are heard of beside their subscription; one customer of Stripe's may pay for several organizations. */
export class PaymentsTold1764650000000 implements MigrationInterface {
  name = 'PaymentsTold1764650000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE subscriptions ADD COLUMN payment_told_at timestamptz;
      DROP INDEX subscriptions_by_customer;
      CREATE INDEX subscriptions_by_customer ON subscriptions (stripe_customer_id) WHERE stripe_customer_id IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX subscriptions_by_customer;
      CREATE UNIQUE INDEX subscriptions_by_customer ON subscriptions (product_id, stripe_customer_id) WHERE stripe_customer_id IS NOT NULL;
      ALTER TABLE subscriptions DROP COLUMN payment_told_at`);
  }
}
