import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which events of Stripe's were ignored, so that a job that runs again does not tell of it again. */
export class IgnoredStripeEvents1764900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE stripe_events ADD COLUMN ignored_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE stripe_events DROP COLUMN ignored_at');
  }
}
