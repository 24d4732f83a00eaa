import { Injectable } from '@nestjs/common';
import { Config, ConfigError } from '#config';
import { Database } from '#database';
import { fingerprintOf } from '#secrets';

/** Remembers which keys a database belongs to: with another one, nothing sealed would open and no password match. */
@Injectable()
export class KeyFingerprints {
  constructor(
    private readonly config: Config,
    private readonly database: Database,
  ) {}

  /** Records the keys at the first start. @throws ConfigError naming each setting that is no longer the same */
  async assertUnchanged(): Promise<void> {
    const current = new Map([
      ['SECRETS_KEY', fingerprintOf(this.config.secretsKey, 'SECRETS_KEY')],
      ['PASSWORD_PEPPER', fingerprintOf(this.config.passwordPepper, 'PASSWORD_PEPPER')],
    ]);
    await this.database.query(
      `INSERT INTO key_fingerprints (name, fingerprint)
       SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT (name) DO NOTHING`,
      [[...current.keys()], [...current.values()]],
    );
    const recorded = await this.database.query<{ name: string; fingerprint: string }>(
      'SELECT name, fingerprint FROM key_fingerprints ORDER BY name',
    );
    const faults = recorded
      .filter(({ name, fingerprint }) => current.has(name) && current.get(name) !== fingerprint)
      .map(({ name }) => `${name}: is not the one that this database was first started with`);
    if (faults.length > 0) throw new ConfigError(faults);
  }
}
