export const migration = new Date(); // refused: kiket/time-from-clock
