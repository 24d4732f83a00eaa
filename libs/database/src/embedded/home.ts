import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, realpathSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { privateFolder } from './private-folder.js';
import { run } from './run.js';
import { mayEnter, type ServerUser } from './server-user.js';

/** The server's files: `data`, `password`, `port` and `postgres.log`. */
export const homeIn = (dataDir: string): string => join(dataDir, 'postgres');

/**
 * Opens `${dataDir}/postgres` to the server's user. Where a folder above the data folder is closed to that user, the
 * files move to a private folder named after the data folder's path, and the name becomes a symbolic link to it.
 */
export async function openHome(dataDir: string, user: ServerUser, report: (line: string) => void): Promise<string> {
  mkdirSync(homeIn(dataDir), { recursive: true, mode: 0o700 });
  const home = realpathSync(homeIn(dataDir));
  if (user === undefined) return home;

  chmodSync(home, 0o711);
  if (mayEnter(home, user) || opensWith(dataDir, home, user)) return home;

  const place = privateFolder(createHash('sha256').update(realpathSync(dataDir)).digest('hex').slice(0, 16));
  if (existsSync(place)) {
    // No link led to it: its data folder was removed. Set aside once, for who did not mean to.
    rmSync(`${place}.old`, { recursive: true, force: true });
    renameSync(place, `${place}.old`);
  }
  await run('/bin/sh', ['-c', 'mv "$1" "$2"', 'sh', home, place], { cwd: '/' });
  symlinkSync(place, home);
  report(`${dataDir} is closed to the user that PostgreSQL runs as: its files go to ${place}.`);
  return place;
}

/** The data folder is ours to open a crack: others may pass through it, and still not list or read what it holds. */
function opensWith(dataDir: string, home: string, user: ServerUser): boolean {
  const { mode } = statSync(dataDir);
  chmodSync(dataDir, mode | 0o011);
  if (mayEnter(home, user)) return true;
  chmodSync(dataDir, mode);
  return false;
}
