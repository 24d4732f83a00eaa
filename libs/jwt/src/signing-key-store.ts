import { Injectable } from '@nestjs/common';
import { Database, type PreparedRead } from '#database';
import { SealedBox } from '#secrets';
import type { DatedKey } from './key-ring.js';
import { SigningKey } from './signing-key.js';

/** Told to every instance, at commit, when a key is added or removed. */
export const KEYS_CHANGED = 'signing_keys_changed';

const IN_SUCCESSION: PreparedRead = {
  name: 'signing-keys',
  text: 'SELECT kid, sealed_private_key, activates_at, removed_at FROM signing_keys ORDER BY activates_at, created_at',
};

interface SigningKeyRow {
  readonly kid: string;
  readonly sealed_private_key: Buffer;
  readonly activates_at: Date;
  readonly removed_at: Date | null;
}

/** The table signing_keys. The private keys are sealed, each to its kid. */
@Injectable()
export class SigningKeyStore {
  /** A key is opened and parsed once, however often the table is read. */
  private readonly opened = new Map<string, SigningKey>();

  constructor(
    private readonly database: Database,
    private readonly box: SealedBox,
  ) {}

  /** In the order in which they take over, as the transaction under way sees them. */
  async load(): Promise<DatedKey[]> {
    const rows = await this.database.query<SigningKeyRow>(IN_SUCCESSION.text);
    return rows.map((row) => this.dated(row));
  }

  /** The same as everybody sees them: nothing may be signed with a key whose rotation could still be undone. */
  async loadCommitted(): Promise<DatedKey[]> {
    const rows = await this.database.read<SigningKeyRow>(IN_SUCCESSION, []);
    return rows.map((row) => this.dated(row));
  }

  async add(key: SigningKey, activatesAt: Date): Promise<void> {
    // Two keys may begin at the same moment; then the database's clock says which came later.
    await this.database.query(
      `INSERT INTO signing_keys (kid, public_jwk, sealed_private_key, created_at, activates_at)
       VALUES ($1, $2, $3, clock_timestamp(), $4)`,
      [key.kid, JSON.stringify(key.publicJwk), this.box.seal(key.toPkcs8(), key.kid), activatesAt],
    );
    await this.announce();
  }

  /** Its row stays, as a date in the succession; its private part is erased. */
  async remove(kid: string, at: Date): Promise<void> {
    const erase = `UPDATE signing_keys SET removed_at = $2, sealed_private_key = '' WHERE kid = $1`;
    await this.database.query(erase, [kid, at]);
    await this.announce();
  }

  /** In one transaction, and one instance at a time: two that start at once make one first key. */
  async exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.database.transaction(async () => {
      await this.database.query(`SELECT pg_advisory_xact_lock(hashtext('kiket-auth:signing-keys'))`);
      return work();
    });
  }

  private async announce(): Promise<void> {
    await this.database.query(`SELECT pg_notify('${KEYS_CHANGED}', '')`);
  }

  private dated(row: SigningKeyRow): DatedKey {
    const key = row.removed_at === null ? this.open(row) : null;
    return { kid: row.kid, key, activatesAt: row.activates_at, removedAt: row.removed_at };
  }

  /** The public key is taken from what was sealed: whoever can only write to the table cannot make us trust a key. */
  private open(row: SigningKeyRow): SigningKey {
    const known = this.opened.get(row.kid);
    if (known !== undefined) return known;
    const key = SigningKey.fromPkcs8(this.box.open(row.sealed_private_key, row.kid));
    if (key.kid !== row.kid) throw new Error(`The signing key ${row.kid} is not the one that is sealed in its row.`);
    this.opened.set(key.kid, key);
    return key;
  }
}
