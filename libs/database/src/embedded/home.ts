import { chmodSync, existsSync, lstatSync, mkdirSync, readlinkSync, realpathSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { nameOfPath } from './local-secret.js';
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
  mustLeadSomewhere(homeIn(dataDir));
  mkdirSync(homeIn(dataDir), { recursive: true, mode: 0o700 });
  const home = realpathSync(homeIn(dataDir));
  if (user === undefined) return home;

  chmodSync(home, 0o711);
  if (mayEnter(home, user) || opensWith(dataDir, home, user)) return home;

  const place = privateFolder(nameOfPath(realpathSync(dataDir)));
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

/** A database that was moved and then removed is not begun anew behind its owner's back. */
function mustLeadSomewhere(home: string): void {
  const isLink = lstatSync(home, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  if (!isLink || existsSync(home)) return;
  throw new EmbeddedPostgresError(`The database's files are gone: ${home} leads to ${readlinkSync(home)}. Remove ${home} to begin with an empty one.`);
}

/** Our own folders are opened a crack: others may pass through them, and still not list or read what they hold. */
function opensWith(dataDir: string, home: string, user: ServerUser): boolean {
  const folders = ownFolders(realpathSync(dataDir)).map((path) => ({ path, mode: statSync(path).mode }));
  for (const { path, mode } of folders) chmodSync(path, mode | 0o011);
  if (mayEnter(home, user)) return true;
  for (const { path, mode } of folders) chmodSync(path, mode);
  return false;
}

/** The data folder, and what is above it inside the checkout. */
function ownFolders(path: string): string[] {
  const above = dirname(path);
  return above.startsWith(process.cwd() + sep) ? [path, ...ownFolders(above)] : [path];
}
