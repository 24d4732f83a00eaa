import { chownSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Binaries } from './binaries.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { localSecret } from './local-secret.js';
import { run } from './run.js';
import type { ServerUser } from './server-user.js';

const OWNER = 'kiket';
const DRAFT = 'data.draft-';

/** Where a process on this machine reaches the server that runs in a home. */
export function connectionUrl(home: string): string {
  const [password, port] = ['password', 'port'].map((name) => readFileSync(join(home, name), 'utf8'));
  return `postgres://${OWNER}:${password}@127.0.0.1:${port}/${OWNER}`;
}

/**
 * Makes the database and its owner, who may create databases and nothing more. It is made in a draft folder and renamed,
 * so that it is there whole or not at all. Nobody has the superuser's password.
 */
export async function createCluster(home: string, binaries: Binaries, user: ServerUser): Promise<void> {
  const password = passwordIn(home);
  // One of its own: an initdb that outlived its supervisor may still be writing to another.
  for (const name of readdirSync(home)) {
    if (name.startsWith(DRAFT)) rmSync(join(home, name), { recursive: true, force: true, maxRetries: 3 });
  }
  const draft = join(home, `${DRAFT}${process.pid}`);
  mkdirSync(draft, { mode: 0o700 });
  const superuserPassword = join(home, 'superuser-password');
  writeFileSync(superuserPassword, localSecret(), { mode: 0o600 });
  if (user !== undefined) for (const path of [draft, superuserPassword]) chownSync(path, user.uid, user.gid);
  try {
    const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    const access = ['--username=postgres', `--pwfile=${superuserPassword}`, '--auth=scram-sha-256', '--no-instructions'];
    await run(binaries.initdb, ['-D', draft, '--no-sync', ...access, ...locale], { cwd: home, user });
    await run(binaries.postgres, ['--single', '-D', draft, '-c', 'exit_on_error=on', '-c', 'fsync=off', 'postgres'], {
      cwd: home,
      user,
      input: `CREATE ROLE ${OWNER} LOGIN CREATEDB PASSWORD '${password}'\nCREATE DATABASE ${OWNER} OWNER ${OWNER}\n`,
    });
    // Everything to the disk at once, and only then the rename.
    const method = process.platform === 'linux' ? ['--sync-method=syncfs'] : [];
    await run(binaries.initdb, ['-D', draft, '--sync-only', ...method], { cwd: home, user });
  } finally {
    rmSync(superuserPassword);
  }
  renameSync(draft, join(home, 'data'));
}

/** @throws EmbeddedPostgresError where a database lost the password that opens it. */
export function hasCluster(home: string): boolean {
  if (!existsSync(join(home, 'data'))) return false;
  if (existsSync(join(home, 'password'))) return true;
  throw new EmbeddedPostgresError(`${home} has a database but no password file: restore it, or remove the folder to start afresh.`);
}

function passwordIn(home: string): string {
  const path = join(home, 'password');
  if (!existsSync(path)) {
    writeFileSync(`${path}.draft`, localSecret(), { mode: 0o600 });
    renameSync(`${path}.draft`, path);
  }
  return readFileSync(path, 'utf8');
}
