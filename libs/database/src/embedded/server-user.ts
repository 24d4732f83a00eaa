import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

/** Whom the server runs as; undefined: as we do. Spread into the options of a spawn. */
export type ServerUser = { readonly uid: number; readonly gid: number } | undefined;

/** PostgreSQL refuses to run as root: then it runs as whoever owns its data already, else as `nobody`. */
export function serverUser(data: string): ServerUser {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(data, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return { uid: idOfNobody('-u'), gid: idOfNobody('-g') };
}

/** Whether that user may go into a folder: the kernel is asked, for modes alone do not tell. */
export function mayEnter(folder: string, user: ServerUser): boolean {
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { cwd: '/', stdio: 'ignore', ...user }).status === 0;
}

function idOfNobody(flag: '-u' | '-g'): number {
  const answer = spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' });
  return answer.status === 0 ? Number(answer.stdout) : 65_534;
}
