import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMPILED } from '../support/process.js';
import { type Person, World } from '../support/world.js';
import { checkpoint, type ExportedLine, exported, happen } from './long-trail.js';

/** A command starts the whole application, which takes its time on a busy machine. */
jest.setTimeout(180_000);

let world: World;
let admin: Person;
let other: Person;
let folder: string;
let log: ExportedLine[];
let jws: string;
beforeAll(async () => {
  world = await World.start();
  admin = await world.register();
  other = await world.register();
  folder = mkdtempSync(join(tmpdir(), 'kiket-export-'));
  await happen(world, admin.organizationId, 50);
  ({ jws } = await checkpoint(admin.client));
  // One of the product's identity chain stands among them.
  await world.visitor.post('/auth/login', { email: admin.email, password: 'Wrong456!' });
  // A text may hold what some take for the end of a line.
  const { token } = await world.token(admin, { name: 'Found' });
  await world.stranger.post('/api/v1/leaked_credentials', { credential: token, source_url: 'one\u2028two\u2029three\u0085four\r\nfive' });
  log = await exported(admin.client);
  writeFileSync(join(folder, 'keys.json'), JSON.stringify((await world.stranger.get('/.well-known/audit-keys.json')).body));
  writeFileSync(join(folder, 'checkpoints.json'), JSON.stringify((await admin.client.get('/audit_checkpoints')).body));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await world.stop();
});

async function run(env: Readonly<Record<string, string>>, ...words: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, ['dist/apps/api/src/admin.js', ...words], { env: { ...env, PATH: process.env['PATH'], NODE_COMPILE_CACHE: COMPILED } });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, ...said };
}

const file = (lines: readonly unknown[]) => {
  const path = join(folder, `${Math.random()}.ndjson`);
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return path;
};
/** With no setting at all: neither a database nor a key is needed. */
const verify = async (lines: readonly unknown[], ...words: string[]) => run({}, 'audit:verify', file(lines), ...words);
const witnesses = () => ['--keys', join(folder, 'keys.json'), '--checkpoint', join(folder, 'checkpoints.json')];
const at = (index: number) => log[index] as ExportedLine;

describe('audit:verify', () => {
  it('proves an export beside its checkpoints, given as a file or as the JWS itself', async () => {
    const head = log.filter(({ chain }) => chain.startsWith('organization:')).at(-1)?.hash ?? '';
    const valid = { code: 0, out: `valid: 54 events, head ${head}\n`, err: '' };
    expect(log).toHaveLength(55);
    expect(await verify(log, ...witnesses())).toEqual(valid);
    expect(await verify(log, '--keys', join(folder, 'keys.json'), '--checkpoint', jws)).toEqual(valid);
    expect((await verify(log)).out).toContain(`head ${head}; without --keys and --checkpoint a cut tail`);
  });

  it('takes no mistyped path, and no checkpoint of another chain, for a proof', async () => {
    const theirs = await checkpoint(other.client);
    for (const given of [join(folder, 'checkpoint.json'), theirs.jws]) {
      expect(await verify(log, '--keys', join(folder, 'keys.json'), '--checkpoint', given)).toEqual({
        code: 1, out: 'not proven: no checkpoint of this chain was given, and so a cut tail, or a chain that was made anew, goes unnoticed\n', err: '',
      });
    }
  });

  it('reads files whose lines another system ended its way, and says where one is no event', async () => {
    const text = readFileSync(file(log), 'utf8');
    const path = join(folder, 'crlf.ndjson');
    writeFileSync(path, text.replaceAll('\n', '\r\n'));
    expect((await run({}, 'audit:verify', path, ...witnesses())).code).toBe(0);
    writeFileSync(path, text.slice(0, -40));
    expect(await run({}, 'audit:verify', path, ...witnesses())).toEqual({ code: 1, out: 'invalid: altered, it is no event as we wrote it (line 55)\n', err: '' });
  });

  it('exits with 1 and names the first invalid event', async () => {
    const altered = log.map((line, index) => (index === 30 ? { ...line, ip: '192.0.2.1' } : line));
    expect(await verify(altered)).toEqual({ code: 1, out: `invalid: altered, the first invalid event is ${at(30).id} (line 31)\n`, err: '' });
    const identity = log.findIndex(({ chain }) => chain.startsWith('identity:'));
    const alteredIdentity = log.map((line, index) => (index === identity ? { ...line, ip: '192.0.2.1' } : line));
    expect((await verify(alteredIdentity, ...witnesses())).out).toBe(`invalid: altered, the first invalid event is ${at(identity).id} (line ${identity + 1})\n`);
    expect((await verify(log.filter((_, index) => index !== 30))).out).toBe(`invalid: missing, the first invalid event is ${at(31).id} (line 31)\n`);
    expect(await verify(log.slice(0, 40), ...witnesses())).toEqual({ code: 1, out: `invalid: truncated, the last event left is ${at(39).id} (line 40)\n`, err: '' });
  });

  it('says how it is called, and that a file is not there', async () => {
    expect((await run({}, 'audit:verify')).code).toBe(2);
    expect((await verify(log, '--keys', join(folder, 'keys.json'))).code).toBe(2);
    expect((await verify(log, '--key', 'x')).code).toBe(2);
    const absent = await run({}, 'audit:verify', join(folder, 'absent'));
    expect([absent.code, absent.out]).toEqual([1, '']);
    expect(absent.err).toContain('ENOENT');
  });
});

describe('audit:check', () => {
  it('verifies every chain, also those that no organization sees, and exits with 1 where one is not whole', async () => {
    const whole = await run(world.env, 'audit:check');
    expect([whole.code, whole.err]).toEqual([0, '']);
    expect(whole.out.trim().split('\n').map((line) => line.replace(/head .*/, 'head'))).toEqual([
      expect.stringMatching(/^identity:\d+ {2}valid: 1 events, head$/),
      `organization:${admin.organizationId}  valid: 54 events, head`,
      `organization:${other.organizationId}  valid: 2 events, head`,
    ]);
    await world.database.sql(`UPDATE audit_entries SET ip = '192.0.2.1' WHERE id = $1`, [at(30).id]);
    const broken = await run(world.env, 'audit:check');
    expect(broken.code).toBe(1);
    expect(broken.out).toContain(`organization:${admin.organizationId}  invalid: altered, the first invalid event is ${at(30).id}\n`);
  });
});
