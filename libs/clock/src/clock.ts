import { Injectable } from '@nestjs/common';

/** The only source of time. A test replaces it by one that it can move. */
@Injectable()
export class Clock {
  now(): Date {
    return new Date();
  }

  /** The time by which something is judged that the database just told: its own clock is the one all instances share. */
  at(databaseTime: Date): Date {
    return databaseTime;
  }
}
