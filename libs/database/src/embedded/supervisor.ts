// The process between the service and its embedded PostgreSQL: it starts the server, restarts it when it dies, and stops
// it when the last process that holds it has gone, in whatever way. It runs in a session of its own, out of Ctrl-C's reach.
import { join } from 'node:path';
import { findBinaries } from './binaries.js';
import { createCluster, hasCluster } from './cluster.js';
import { hold } from './hold.js';
import { Holders } from './holders.js';
import { homeIn, openHome } from './home.js';
import { PostgresServer } from './postgres-server.js';
import { serverUser } from './server-user.js';
import { latestSeat, takeSeat, type Seat } from './supervisor-lock.js';

process.umask(0o022);
const dataDir = process.argv[2] ?? '';

try {
  const holders = await Holders.listen();
  if (await isSeated(holders.seat)) await supervise(holders);
  process.exit(0);
} catch (error) {
  process.send?.({ error: error instanceof Error ? error.message : String(error) }, () => process.exit(1));
}

/** False: the data folder has a supervisor that lives. */
async function isSeated(seat: Seat): Promise<boolean> {
  for (;;) {
    const latest = latestSeat(dataDir);
    if (latest !== undefined) {
      const answer = await hold(latest.seat, () => undefined);
      if (typeof answer !== 'string') answer.destroy();
      if (answer !== 'gone') return false;
    }
    if (takeSeat(dataDir, (latest?.number ?? 0) + 1, seat)) return true;
  }
}

async function supervise(holders: Holders): Promise<void> {
  process.send?.({ seated: true });
  const released = Promise.race([
    holders.gone,
    new Promise<void>((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => resolve());
    }),
  ]);
  let server: PostgresServer | undefined;
  try {
    server = await prepare(holders);
    const started = server.start().then(() => true);
    if (await Promise.race([started, released.then(() => false)])) {
      holders.serve(true);
      void server.keepRunning(
        () => {
          holders.serve(false);
          holders.report('PostgreSQL died; starting it again.');
        },
        () => {
          holders.serve(true);
          holders.report('PostgreSQL is back.');
        },
      );
    }
  } catch (error) {
    holders.fail(error instanceof Error ? error.message : String(error));
  }
  await released;
  await server?.stop();
}

async function prepare(holders: Holders): Promise<PostgresServer> {
  const report = (line: string) => holders.report(line);
  const user = serverUser(join(homeIn(dataDir), 'data'));
  const binaries = await findBinaries(user);
  const home = await openHome(dataDir, user, report);
  if (!hasCluster(home)) {
    report(`Creating a ${binaries.version} database in ${home} (once).`);
    await createCluster(home, binaries, user);
  }
  return new PostgresServer(home, binaries, user);
}
