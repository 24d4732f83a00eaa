import { Scopes } from './scopes.js';

/** What a credential was given: certain scopes, or full access, which is a fact of its own and no list of scopes. */
export class Grant {
  static readonly full = new Grant(true, Scopes.all);
  static readonly nothing = new Grant(false, Scopes.none);

  private constructor(
    readonly isFull: boolean,
    /** What it opens at most. */
    readonly scopes: Scopes,
  ) {}

  static of(scopes: Scopes): Grant {
    return new Grant(false, scopes);
  }

  /** Nothing but full access covers full access: a list of every scope there is today may fall short tomorrow. */
  covers(other: Grant): boolean {
    return this.isFull || (!other.isFull && this.scopes.covers(other.scopes));
  }

  /** As clients read it: full access has no scopes. */
  toJSON(): { scopes: readonly string[]; full_access: boolean } {
    return { scopes: this.isFull ? [] : this.scopes.toJSON(), full_access: this.isFull };
  }
}
