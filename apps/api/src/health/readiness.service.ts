import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { SigningKeys } from '#jwt';

export type Part = 'database' | 'keys' | 'draining';

const PATIENCE_MS = 2_000;

/** Whether this instance may be sent requests. */
@Injectable()
export class Readiness {
  private draining = false;

  constructor(
    private readonly database: Database,
    private readonly keys: SigningKeys,
  ) {}

  /** From here on no new request should come: the load balancer is told before the door closes. */
  drain(): void {
    this.draining = true;
  }

  /** What keeps this instance from serving; none when it is ready. Migrations ran before it could be asked. */
  async missing(): Promise<Part[]> {
    const checks: [Part, boolean | Promise<boolean>][] = [
      ['draining', !this.draining],
      ['database', this.databaseAnswers()],
      ['keys', this.keyIsThere()],
    ];
    const verdicts = await Promise.all(checks.map(async ([part, holds]) => ((await holds) ? null : part)));
    return verdicts.filter((part) => part !== null);
  }

  private async databaseAnswers(): Promise<boolean> {
    const late = new Promise<boolean>((resolve) => setTimeout(resolve, PATIENCE_MS, false).unref());
    const answered = this.database.query('SELECT 1').then(
      () => true,
      () => false,
    );
    return Promise.race([answered, late]);
  }

  private keyIsThere(): boolean {
    try {
      return this.keys.signer() !== undefined;
    } catch {
      return false;
    }
  }
}
