import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Clock } from '#clock';
import { Config } from '#config';
import { Database } from '#database';
import { DomainError } from '#domain';
import { readConfiguredKeys } from './configured-keys.js';
import { FixedKeyRing, type KeyState, TimedKeyRing } from './key-ring.js';
import { LiveKeyRing } from './live-key-ring.js';
import { type PublishedJwk, SigningKey } from './signing-key.js';
import { SigningKeyStore } from './signing-key-store.js';

/** Clients cache the JWKS for an hour: a new key is in every cache before it signs. */
const PUBLISHED_AHEAD_MS = 3_600_000;

export interface ListedKey {
  readonly kid: string;
  readonly state: KeyState;
  readonly activatesAt: Date;
}

/**
 * The keys that sign and verify our JWTs: the database's, upcoming → active → verify-only → gone, or in their place
 * those of JWT_PRIVATE_KEYS.
 */
@Injectable()
export class SigningKeys implements OnModuleDestroy {
  private readonly configured: FixedKeyRing | undefined;
  private readonly live: LiveKeyRing;

  /** @throws ConfigError where JWT_PRIVATE_KEYS is not readable */
  constructor(
    config: Config,
    database: Database,
    private readonly clock: Clock,
    private readonly store: SigningKeyStore,
  ) {
    const { jwtPrivateKeys } = config;
    this.configured = jwtPrivateKeys === undefined ? undefined : new FixedKeyRing(readConfiguredKeys(jwtPrivateKeys));
    this.live = new LiveKeyRing(store, database);
  }

  /** Makes the very first key, which signs at once. */
  async start(): Promise<void> {
    if (this.configured !== undefined) return;
    await this.store.exclusively(async () => {
      const present = new TimedKeyRing(await this.store.load());
      if (present.signer(this.clock.now()) === undefined) await this.store.add(SigningKey.generate(), this.clock.now());
    });
    await this.live.start();
  }

  onModuleDestroy(): void {
    this.live.stop();
  }

  /** The key that signs now. @throws DomainError unavailable where none is known yet */
  signer(): SigningKey {
    const key = (this.configured ?? this.live.current).signer(this.clock.now());
    if (key === undefined) throw new DomainError('unavailable', { cause: 'no signing key is known' });
    return key;
  }

  /** The key of that kid, if it is published now. @throws DomainError unavailable */
  async find(kid: string): Promise<SigningKey | undefined> {
    return this.configured === undefined ? this.live.find(kid, this.clock.now()) : this.configured.find(kid);
  }

  /** The JWK set of RFC 7517 §5: what signs, what is about to, and what may still have signed a living token. */
  jwks(): { readonly keys: readonly PublishedJwk[] } {
    const ring = this.configured ?? this.live.current;
    return { keys: ring.published(this.clock.now()).map((key) => key.published) };
  }

  /** Every key of the database, oldest first, for the operator. */
  async list(): Promise<readonly ListedKey[]> {
    this.mustKeepThem();
    return new TimedKeyRing(await this.store.load()).states(this.clock.now());
  }

  /** A new key, which signs an hour from now, or immediately where the present one is not to be trusted any more. */
  async rotate({ immediately = false }: { readonly immediately?: boolean } = {}): Promise<ListedKey> {
    this.mustKeepThem();
    const key = SigningKey.generate();
    const now = this.clock.now();
    const activatesAt = await this.store.exclusively(async () => {
      const moment = immediately ? await this.nextMoment(now) : new Date(now.getTime() + PUBLISHED_AHEAD_MS);
      await this.store.add(key, moment);
      return moment;
    });
    await this.live.reload();
    return { kid: key.kid, state: activatesAt > now ? 'upcoming' : 'active', activatesAt };
  }

  /**
   * Ends a key at once, with all that it signed.
   * @throws DomainError not_found; conflict for the key that signs: rotate first
   */
  async remove(kid: string): Promise<void> {
    this.mustKeepThem();
    await this.store.exclusively(async () => {
      const now = this.clock.now();
      const ring = new TimedKeyRing(await this.store.load());
      if (!ring.has(kid)) throw new DomainError('not_found');
      if (ring.signer(now)?.kid === kid) throw refused(`${kid} signs now: rotate immediately, then remove it`);
      await this.store.remove(kid, now);
    });
    await this.live.reload();
  }

  /** Now, or when the present key began where the clock of whoever made that one is ahead of ours: never before it. */
  private async nextMoment(now: Date): Promise<Date> {
    const active = new TimedKeyRing(await this.store.load()).states(now).find(({ state }) => state === 'active');
    return active !== undefined && active.activatesAt > now ? active.activatesAt : now;
  }

  private mustKeepThem(): void {
    if (this.configured !== undefined) throw refused('JWT_PRIVATE_KEYS replaces the keys of the database');
  }
}

function refused(reason: string): DomainError {
  return new DomainError('conflict', { cause: reason });
}
