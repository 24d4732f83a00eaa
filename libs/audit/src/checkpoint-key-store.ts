import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { type PublishedJwk, SigningKeys } from '#jwt';
import { BrokenSeal, SealedBox } from '#secrets';

/** Every public key that ever signed a checkpoint, for good: a checkpoint outlives the key that signed it. */
@Injectable()
export class CheckpointKeyStore {
  private readonly remembered = new Set<string>();

  constructor(
    private readonly database: Database,
    private readonly keys: SigningKeys,
    private readonly box: SealedBox,
  ) {}

  /** Sealed, so that whoever can only write to the table cannot make us trust a key. In the transaction of the first checkpoint. */
  async remember({ kid, published }: { readonly kid: string; readonly published: PublishedJwk }, at: Date): Promise<void> {
    if (this.remembered.has(kid)) return;
    await this.database.query(
      'INSERT INTO audit_keys (kid, sealed_public_jwk, first_signed_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [kid, this.box.seal(JSON.stringify(published), contextOf(kid)), at],
    );
    this.database.afterCommit(() => this.remembered.add(kid));
  }

  /** Those that signed one, oldest first, and those that may sign the next. */
  async all(): Promise<readonly PublishedJwk[]> {
    const rows = await this.database.query<{ kid: string; sealed_public_jwk: Buffer }>('SELECT kid, sealed_public_jwk FROM audit_keys ORDER BY first_signed_at, kid');
    const known = new Map(rows.flatMap((row) => this.opened(row.kid, row.sealed_public_jwk)).map((jwk) => [jwk.kid, jwk]));
    for (const jwk of this.keys.jwks().keys) known.set(jwk.kid, jwk);
    return [...known.values()];
  }

  private opened(kid: string, sealed: Buffer): PublishedJwk[] {
    try {
      return [JSON.parse(this.box.open(sealed, contextOf(kid)).toString('utf8')) as PublishedJwk];
    } catch (error) {
      // A key that somebody else put there vouches for nothing.
      if (error instanceof BrokenSeal) return [];
      throw error;
    }
  }
}

function contextOf(kid: string): string {
  return `audit key:${kid}`;
}
