/** A sealed event, as ids. */
export interface TrailEvent {
  readonly id: number;
  /** Its place among all that happened. */
  readonly position: number;
  readonly chain: string;
  readonly chain_position: number;
  readonly occurred_at: Date;
  readonly actor_type: string;
  readonly actor_id: string | null;
  readonly action: string;
  readonly target_type: string;
  readonly target_id: string | null;
  readonly ip: string | null;
  readonly user_agent: string | null;
  readonly request_id: string | null;
  readonly metadata: unknown;
  readonly previous_hash: string;
  readonly hash: string;
}

/** An event with the names that its ids have today. */
export interface NamedEvent extends TrailEvent {
  readonly actor_name: string | null;
  readonly target_name: string | null;
}
