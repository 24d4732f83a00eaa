export const issuedAt = Date.now(); // refused: kiket/time-from-clock
