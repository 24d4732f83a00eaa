import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a supervisor listens, on loopback, and the word that opens it. */
export interface Seat {
  readonly pid: number;
  readonly port: number;
  readonly token: string;
}

const NAME = /^postgres\.lock\.(\d+)$/;
const pathOf = (dataDir: string, number: number) => join(dataDir, `postgres.lock.${number}`);

/** The seat with the highest number, which is the data folder's one supervisor, if it still answers. */
export function latestSeat(dataDir: string): { number: number; seat: Seat } | undefined {
  const numbers = seatNumbers(dataDir);
  if (numbers.length === 0) return undefined;
  const number = Math.max(...numbers);
  try {
    return { number, seat: JSON.parse(readFileSync(pathOf(dataDir, number), 'utf8')) as Seat };
  } catch (error) {
    // A successor cleared it away between the two reads.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return latestSeat(dataDir);
    throw error;
  }
}

/**
 * Takes the seat after a dead supervisor's; false where somebody else was faster. A dead one's file is cleared away only
 * once a higher number exists, so two processes can never both find that theirs is the highest.
 */
export function takeSeat(dataDir: string, number: number, seat: Seat): boolean {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const draft = join(dataDir, `postgres.lock.draft-${seat.pid}`);
  try {
    writeFileSync(draft, JSON.stringify(seat), { mode: 0o600 });
    // A hard link appears whole or not at all, and never replaces another's.
    linkSync(draft, pathOf(dataDir, number));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const numbers = seatNumbers(dataDir);
  if (Math.max(...numbers) !== number) {
    rmSync(pathOf(dataDir, number), { force: true });
    return false;
  }
  for (const older of numbers.filter((other) => other < number)) rmSync(pathOf(dataDir, older), { force: true });
  return true;
}

function seatNumbers(dataDir: string): number[] {
  try {
    return readdirSync(dataDir).flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
