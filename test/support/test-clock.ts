import { Clock } from '#clock';

/** Real time, moved ahead by what a test says; what the database tells is moved with it. */
export class TestClock extends Clock {
  private offset = 0;

  override now(): Date {
    return new Date(Date.now() + this.offset);
  }

  override at(databaseTime: Date): Date {
    return new Date(databaseTime.getTime() + this.offset);
  }

  advance({ days = 0, hours = 0, minutes = 0, seconds = 0 }: { days?: number; hours?: number; minutes?: number; seconds?: number }): void {
    this.offset += (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
  }
}
