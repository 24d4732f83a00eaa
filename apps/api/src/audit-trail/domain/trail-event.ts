import type { Entry } from '#audit';

/** A sealed event, as ids. */
export interface TrailEvent extends Entry {
  /** Its place among all that happened. */
  readonly position: number;
  readonly chain_position: number;
  readonly previous_hash: string;
  readonly hash: string;
}

/** An event with the names that its ids have today. */
export interface NamedEvent extends TrailEvent {
  readonly actor_name: string | null;
  readonly target_name: string | null;
}
