import { REFRESH_LIFETIME_SECONDS } from './product-token.js';
import type { SigningKey } from './signing-key.js';

/** `verify-only` ends when the last token that such a key signed has expired. */
export type KeyState = 'upcoming' | 'active' | 'verify-only' | 'gone';

/** What signs and what is published at a moment. */
export interface KeyRing {
  signer(now: Date): SigningKey | undefined;
  published(now: Date): readonly SigningKey[];
  find(kid: string, now: Date): SigningKey | undefined;
}

/** Keys that somebody else keeps: the first signs, all are published, none ages. */
export class FixedKeyRing implements KeyRing {
  constructor(private readonly keys: readonly SigningKey[]) {}

  signer(): SigningKey | undefined {
    return this.keys[0];
  }

  published(): readonly SigningKey[] {
    return this.keys;
  }

  find(kid: string): SigningKey | undefined {
    return this.keys.find((key) => key.kid === kid);
  }
}

export interface DatedKey {
  readonly kid: string;
  /** Null once it was removed: its private part is erased. */
  readonly key: SigningKey | null;
  readonly activatesAt: Date;
  readonly removedAt: Date | null;
}

/** Keys that follow one another: nothing is stored of their states, they come from the dates alone. */
export class TimedKeyRing implements KeyRing {
  private readonly byKid: ReadonlyMap<string, DatedKey>;

  /** In the order in which they take over. */
  constructor(private readonly keys: readonly DatedKey[]) {
    this.byKid = new Map(keys.map((dated) => [dated.kid, dated]));
  }

  signer(now: Date): SigningKey | undefined {
    return this.active(now)?.key ?? undefined;
  }

  published(now: Date): readonly SigningKey[] {
    return this.keys.flatMap((dated) => (dated.key === null || this.stateOf(dated, now) === 'gone' ? [] : [dated.key]));
  }

  find(kid: string, now: Date): SigningKey | undefined {
    const dated = this.byKid.get(kid);
    if (dated === undefined || this.stateOf(dated, now) === 'gone') return undefined;
    return dated.key ?? undefined;
  }

  has(kid: string): boolean {
    return this.byKid.has(kid);
  }

  states(now: Date): readonly { readonly kid: string; readonly state: KeyState; readonly activatesAt: Date }[] {
    return this.keys.map((dated) => {
      const { kid, activatesAt } = dated;
      return { kid, state: this.stateOf(dated, now), activatesAt };
    });
  }

  private stateOf(dated: DatedKey, now: Date): KeyState {
    if (dated.removedAt !== null) return 'gone';
    if (dated === this.active(now)) return 'active';
    if (dated.activatesAt > now) return 'upcoming';
    const superseded = this.successorOf(dated)?.activatesAt.getTime() ?? now.getTime();
    return now.getTime() < superseded + REFRESH_LIFETIME_SECONDS * 1000 ? 'verify-only' : 'gone';
  }

  /** The latest that has begun; the first one where none has, since a clock that is slow must not stop all signing. */
  private active(now: Date): DatedKey | undefined {
    const present = this.keys.filter(({ removedAt }) => removedAt === null);
    return present.findLast(({ activatesAt }) => activatesAt <= now) ?? present[0];
  }

  /** Who took over; a key that was removed before its time never did. */
  private successorOf(dated: DatedKey): DatedKey | undefined {
    const later = this.keys.slice(this.keys.indexOf(dated) + 1);
    return later.find(({ removedAt, activatesAt }) => removedAt === null || removedAt >= activatesAt);
  }
}
