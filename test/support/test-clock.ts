import { Clock } from '#clock';

/** Real time, moved ahead by what a test says; what the database tells is moved with it. */
export class TestClock extends Clock {
  private offset = 0;
  /** Where real time was when the clock was stopped; null while it goes. */
  private stoppedAt: number | null = null;

  override now(): Date {
    return new Date((this.stoppedAt ?? Date.now()) + this.offset);
  }

  override at(databaseTime: Date): Date {
    return this.stoppedAt === null ? new Date(databaseTime.getTime() + this.offset) : this.now();
  }

  /** Goes on only as far as it is advanced meanwhile: a moment is hit exactly, however slow the machine is. */
  async standing<T>(during: () => Promise<T>): Promise<T> {
    this.stoppedAt = Date.now();
    try {
      return await during();
    } finally {
      this.stoppedAt = null;
    }
  }

  advance({ days = 0, hours = 0, minutes = 0, seconds = 0 }: { days?: number; hours?: number; minutes?: number; seconds?: number }): void {
    this.offset += (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
  }
}
