import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { EmbeddedPostgres } from '#database';
import { within } from '../bad-days/until.js';
import { Starter } from './starter.js';

/** What a busy machine may need to end a process, and to start one. */
const GONE_MS = 30_000;

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'kiket-embedded-')));
chmodSync(folder, 0o711);
const dataDir = join(folder, 'data');
const postmasterFile = join(dataDir, 'postgres', 'data', 'postmaster.pid');

jest.setTimeout(180_000);

afterEach(() => Starter.killAll());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function query<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

const answers = (url: string): Promise<boolean> =>
  query(url, 'SELECT 1').then(
    () => true,
    () => false,
  );

/** Milliseconds until it holds; fails after `limitMs`. */
async function until(holds: () => boolean | Promise<boolean>, limitMs: number): Promise<number> {
  const began = performance.now();
  while (!(await holds())) {
    if (performance.now() - began > limitMs) throw new Error(`not within ${limitMs} ms`);
    await delay(20);
  }
  return performance.now() - began;
}

/** Of the lock files the one with the highest number counts. */
function supervisorPid(): number {
  const numbers = readdirSync(dataDir).map((name) => Number(/^postgres\.lock\.(\d+)$/.exec(name)?.[1] ?? 0));
  const seat = JSON.parse(readFileSync(join(dataDir, `postgres.lock.${Math.max(...numbers)}`), 'utf8')) as { pid: number };
  return seat.pid;
}

const postmasterPid = () => Number(readFileSync(postmasterFile, 'utf8').split('\n')[0]);

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('the embedded PostgreSQL', () => {
  it('is a PostgreSQL 18 in UTF-8 whose password nobody else can read', async () => {
    const server = await EmbeddedPostgres.start(dataDir);
    const [facts] = await query(
      server.url,
      `SELECT current_setting('server_version') AS version, current_setting('listen_addresses') AS addresses,
              current_setting('fsync') AS fsync, lower('ŽÁČEK') AS lower, pg_encoding_to_char(encoding) AS encoding,
              rolsuper AS superuser
         FROM pg_database, pg_roles WHERE datname = current_database() AND rolname = current_user`,
    );
    expect(facts).toEqual({
      version: expect.stringMatching(/^18\./) as string,
      addresses: '127.0.0.1',
      fsync: 'on',
      lower: 'žáček',
      encoding: 'UTF8',
      superuser: false,
    });
    expect(statSync(join(dataDir, 'postgres', 'password')).mode & 0o777).toBe(0o600);
    await server.stop();
  });

  it('opens for nobody without the password', async () => {
    const server = await EmbeddedPostgres.start(dataDir);
    const { port } = new URL(server.url);
    for (const user of ['kiket:wrong', 'kiket', 'postgres', 'postgres:postgres']) {
      await expect(query(`postgres://${user}@127.0.0.1:${port}/kiket`, 'SELECT 1')).rejects.toThrow(/password/i);
    }
    await server.stop();
  });

  it('keeps its data and its address from start to start', async () => {
    const first = await EmbeddedPostgres.start(dataDir);
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    expect(await answers(first.url)).toBe(false);

    const second = await EmbeddedPostgres.start(dataDir);
    expect(second.url).toBe(first.url);
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await second.stop();
  });

  it('is joined by whoever comes second, and stops when the last lets go', async () => {
    const first = await EmbeddedPostgres.start(dataDir);
    const second = await EmbeddedPostgres.start(dataDir);
    const third = await Starter.run(dataDir);
    expect([second.url, third.url]).toEqual([first.url, first.url]);

    await second.stop();
    await third.kill();
    await delay(300);
    expect(await answers(first.url)).toBe(true);

    await first.stop();
    expect(await answers(first.url)).toBe(false);
  });

  it('is one server, whole, where several start it at once on an empty folder', async () => {
    const empty = join(folder, 'contested');
    const starters = await Promise.all([EmbeddedPostgres.start(empty), EmbeddedPostgres.start(empty), Starter.run(empty)]);
    expect(new Set(starters.map(({ url }) => url)).size).toBe(1);
    expect(await answers(starters[0].url)).toBe(true);

    await starters[2].kill();
    await Promise.all([starters[0].stop(), starters[1].stop()]);
    expect(await answers(starters[0].url)).toBe(false);
  });

  it('dies with the process that started it, killed with -9', async () => {
    const starter = await Starter.run(dataDir);
    const pid = postmasterPid();
    await starter.kill();
    await until(() => !runs(pid), GONE_MS);
  });

  it('starts again at once after kill -9, with every row that was acknowledged', async () => {
    const first = await Starter.run(dataDir);
    await query(first.url, 'CREATE TABLE acknowledged (n int)');
    await first.kill();
    let rows = 0;
    await within(5_000, async () => {
      const starter = await Starter.run(dataDir);
      await query(starter.url, 'INSERT INTO acknowledged SELECT generate_series(1, 1000)');
      rows += 1_000;
      await starter.kill();

      const began = performance.now();
      const server = await EmbeddedPostgres.start(dataDir);
      const took = performance.now() - began;
      expect(server.url).toBe(starter.url);
      expect(await query(server.url, 'SELECT count(*)::int AS rows FROM acknowledged')).toEqual([{ rows }]);
      await server.stop();
      return took;
    });
  });

  it('is back on the same port within two seconds when the server itself is killed', async () => {
    const reports: string[] = [];
    const server = await EmbeddedPostgres.start(dataDir, (line) => reports.push(line));
    await query(server.url, 'CREATE TABLE survived AS SELECT 1 AS n');
    const times = await within(2_000, async () => {
      const [pid, told] = [postmasterPid(), reports.length];
      process.kill(pid, 'SIGKILL');
      await until(() => !runs(pid), GONE_MS);
      const took = await until(() => answers(server.url), GONE_MS);
      await until(() => reports.length === told + 2, GONE_MS);
      return took;
    });
    expect(await query(server.url, 'SELECT n FROM survived')).toEqual([{ n: 1 }]);
    expect(reports).toEqual(times.flatMap(() => ['PostgreSQL died; starting it again.', 'PostgreSQL is back.']));

    await server.stop();
    expect(await answers(server.url)).toBe(false);
  });

  it('gets a new supervisor when the old one is killed, and still dies with its starter', async () => {
    const starter = await Starter.run(dataDir);
    const orphan = postmasterPid();
    const supervisor = supervisorPid();

    process.kill(supervisor, 'SIGKILL');
    await until(() => supervisorPid() !== supervisor && !runs(orphan), GONE_MS);
    await until(() => answers(starter.url), GONE_MS);
    const pid = postmasterPid();
    await starter.kill();
    await until(() => !runs(pid), GONE_MS);
  });

  it('takes a lock file whose process id now belongs to somebody else for a stale one', async () => {
    const starter = await Starter.run(dataDir);
    const orphan = postmasterPid();
    // A power cut: supervisor and server are gone at once, and nobody tidies up.
    process.kill(supervisorPid(), 'SIGKILL');
    process.kill(orphan, 'SIGKILL');
    await starter.kill();
    await until(() => !runs(orphan), GONE_MS);
    const lines = readFileSync(postmasterFile, 'utf8').split('\n');
    writeFileSync(postmasterFile, [String(process.pid), ...lines.slice(1)].join('\n'));

    const server = await EmbeddedPostgres.start(dataDir);
    expect(await answers(server.url)).toBe(true);
    await server.stop();
  });

  const asRoot = process.getuid?.() === 0 ? it : it.skip;

  asRoot('works for root in a folder that is closed to everybody else', async () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const server = await EmbeddedPostgres.start(join(closed, 'data'));
    const place = realpathSync(join(closed, 'data', 'postgres'));
    try {
      await query(server.url, 'CREATE TABLE hidden AS SELECT 7 AS n');
      await server.stop();
      const again = await EmbeddedPostgres.start(join(closed, 'data'));
      expect(await query(again.url, 'SELECT n FROM hidden')).toEqual([{ n: 7 }]);
      await again.stop();
      expect(place).toMatch(/^\/var\/lib\/kiket-auth\//);
      expect(statSync(closed).mode & 0o777).toBe(0o700);
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  });

  it('never begins an empty database in the place of one whose files are gone', async () => {
    const lost = join(folder, 'lost');
    mkdirSync(lost);
    symlinkSync(join(folder, 'nowhere'), join(lost, 'postgres'));
    await expect(EmbeddedPostgres.start(lost)).rejects.toThrow(/files are gone/);
  });

  it('says what to do where it cannot start', async () => {
    const broken = join(folder, 'broken');
    mkdirSync(join(broken, 'postgres', 'data'), { recursive: true });
    await expect(EmbeddedPostgres.start(broken)).rejects.toThrow(/has a database but no password file/);
  });
});
