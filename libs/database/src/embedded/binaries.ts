import { existsSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { privateFolder } from './private-folder.js';
import { run } from './run.js';
import type { ServerUser } from './server-user.js';

const require = createRequire(import.meta.url);

/** The programs of a PostgreSQL that runs on this machine as this user. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Such as `PostgreSQL 18.4`. */
  readonly version: string;
}

/** Finds them in the platform's package; where that is closed to the user, in a copy. @throws EmbeddedPostgresError */
export async function findBinaries(user: ServerUser): Promise<Binaries> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const packaged = packageFolder(platform);
  try {
    return await binariesIn(join(packaged, 'native'), user);
  } catch (error) {
    if (user === undefined) throw unfit(platform, error);
  }
  try {
    return await binariesIn(await openCopy(packaged, platform), user);
  } catch (error) {
    throw unfit(platform, error);
  }
}

function packageFolder(platform: string): string {
  try {
    return resolve(dirname(require.resolve(`@embedded-postgres/${platform}`)), '..');
  } catch {
    throw unfit(platform, 'its package is not installed');
  }
}

async function binariesIn(native: string, user: ServerUser): Promise<Binaries> {
  const postgres = join(native, 'bin', 'postgres');
  const answer = await run(postgres, ['--version'], { cwd: '/', user });
  const version = /PostgreSQL\) ([\d.]+)/.exec(answer)?.[1] ?? 'of unknown version';
  return { initdb: join(native, 'bin', 'initdb'), postgres, version: `PostgreSQL ${version}` };
}

async function openCopy(packaged: string, platform: string): Promise<string> {
  const { version } = require(join(packaged, 'package.json')) as { version: string };
  const copy = privateFolder(`${platform}-${version}`);
  if (existsSync(copy)) return copy;
  const draft = `${copy}.${process.pid}`;
  await run('/bin/sh', ['-c', 'cp -RP "$1" "$2" && chmod -R a+rX "$2"', 'sh', join(packaged, 'native'), draft], { cwd: '/' });
  try {
    renameSync(draft, copy);
  } catch (error) {
    rmSync(draft, { recursive: true });
    // Another data folder's supervisor was faster.
    if (!existsSync(copy)) throw error;
  }
  return copy;
}

function unfit(platform: string, reason: unknown): EmbeddedPostgresError {
  const text = reason instanceof Error ? reason.message : String(reason);
  return new EmbeddedPostgresError(
    `The embedded PostgreSQL does not run here (${platform}): ${text}\nSet DATABASE_URL to a PostgreSQL of your own, version 15 or newer.`,
  );
}
