import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sockets ask which sessions have just ended, whenever there is something to tell. */
export class EndedSessions1764500000000 implements MigrationInterface {
  name = 'EndedSessions1764500000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX sessions_ended ON sessions (revoked_at) WHERE revoked_at IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX sessions_ended');
  }
}
