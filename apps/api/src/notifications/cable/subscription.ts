import type { MessageForm } from './protocol.js';

/**
 * What one subscription of a connection has been told of its member's stream: everything after `floor` up to `last`. While it
 * waits, what comes is not told at once but read from the database when the waiting ends: so nothing comes twice, and nothing
 * is left out.
 */
export class Subscription {
  /** Nothing at or before it was told. */
  floor = 0;
  /** Everything after the floor up to here was told. */
  last = 0;
  waits = true;
  /** Of the unread count that it was told last, or began with. */
  version = 0;
  /** Until when a restored one waits for its client to say what it has; null for any other. */
  restoredUntil: number | null = null;

  constructor(
    readonly identifier: string,
    readonly form: MessageForm,
  ) {}

  /** From here on, as if all up to this offset had been told elsewhere. */
  beginAt(offset: number): void {
    this.floor = offset;
    this.last = offset;
  }

  /** Whether a notification is the next to be told. */
  isNew(offset: number): boolean {
    return offset > this.last;
  }

  told(offset: number): void {
    this.last = Math.max(this.last, offset);
  }

  /** What is asked for again goes back further than what was told. */
  lowerFloor(offset: number): void {
    this.floor = Math.min(this.floor, offset);
  }
}
