import { spawn } from 'node:child_process';
import { SecretReencryption } from '../../apps/api/src/extensions/index.js';
import { eventually, recorded } from '../audit/trail.js';
import { verdict } from '../members/invitations.js';
import type { Client } from '../support/client.js';
import { COMPILED } from '../support/process.js';
import { type Person, World } from '../support/world.js';
import { meanwhile } from '../workspace/meanwhile.js';
import { installed, type Installed, project } from './installation.js';

/** A command starts the whole application, which takes its time on a busy machine. */
jest.setTimeout(180_000);

const AT_ONCE = 20;
/** What a data key sealed begins with: a byte, the version, the nonce; it ends with the tag. */
const HEADER = 5;
const NONCE = 12;
const TAG = 16;

let world: World;
let admin: Person;
let extension: Installed;
let neighbour: Installed;
beforeAll(async () => {
  world = await World.start();
});
beforeEach(async () => {
  admin = await world.register({ organization: 'Úklid s.r.o.' });
  const { id } = await project(admin);
  extension = await installed(world, admin, id, { name: 'Kalendář' });
  neighbour = await installed(world, admin, id, { id: 'com.example.other' });
});
afterAll(async () => {
  await world.stop();
});

interface Row {
  readonly sealed: Buffer;
  readonly key_version: number;
}

const at = (key = '', { id }: Pick<Installed, 'id'> = extension) => `/extensions/${id}/secrets${key === '' ? '' : `/${key}`}`;
const set = async (key: string, value: string, own = extension) => {
  const { status } = await own.client.post(at(key, own), { value });
  expect(status).toBe(200);
};
const read = async (key: string, own = extension, by: Client = own.client) => by.get(at(key, own));
const value = async (key: string, own = extension) => (await read(key, own)).body.value as string;
const broken = async (key = 'TOKEN', own = extension, by: Client = own.client) => verdict(await read(key, own, by)) === '500 internal_error';
const times = async <T>(count: number, act: (index: number) => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: count }, async (_, index) => act(index)));
const reencrypt = async () => world.instance.app.get(SecretReencryption, { strict: false }).run();
const versions = async () => (await world.database.sql<{ version: number }>('SELECT version FROM data_keys ORDER BY version')).map(({ version }) => version);

async function row(key = 'TOKEN', own = extension): Promise<Row> {
  const [found] = await world.database.sql<Row>('SELECT sealed, key_version FROM extension_secrets WHERE installation_id = $1 AND key = $2', [own.id, key]);
  if (found === undefined) throw new Error(`there is no ${key}`);
  return found;
}

/** Writes past the service, as whoever has the database could. */
async function tamper({ sealed, key_version: version }: Row, key = 'TOKEN', own = extension): Promise<void> {
  await world.database.sql('UPDATE extension_secrets SET sealed = $3, key_version = $4 WHERE installation_id = $1 AND key = $2', [own.id, key, sealed, version]);
}

const flipped = (bytes: Buffer, index: number, bit = 0) => {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(index) ^ (1 << bit), index);
  return copy;
};

/** How often the trail says that a secret of this installation does not open. */
async function alarms(key = 'TOKEN', own = extension): Promise<number> {
  return (await world.database.sql(`SELECT 1 FROM audit_entries WHERE action = 'extension_secret.broken' AND target_id = $1`, [`${own.id}/${key}`])).length;
}

/** Until all that was recorded is read by who raises alerts, and the queue holds no mail that waits. */
async function mailsAreOut(): Promise<void> {
  await eventually(async () => (await world.database.sql(
    `SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM audit_pending) AND (SELECT position FROM audit_feed_readers WHERE name = 'security alerts') >= (SELECT max(position) FROM audit_seals)`)).length === 1);
  await eventually(async () => (await world.database.sql(`SELECT 1 FROM jobs.job WHERE name = 'mail' AND state IN ('created', 'active', 'retry')`)).length === 0);
}

const isAbout = (key: string) => ({ subject = '' }: { subject?: string | undefined }) => subject.includes(key);
const mailsAbout = (key: string) => world.mailbox.received.filter(isAbout(key));

describe('a sealed value', () => {
  it.each<[string, () => Promise<void>]>([
    ['from another installation, of the same key', async () => { await set('TOKEN', 'theirs', neighbour); await tamper(await row('TOKEN', neighbour)); }],
    ['from another organization, of the same key', async () => { const other = await world.register(); const own = await installed(world, other, (await project(other)).id); await set('TOKEN', 'theirs', own); await tamper(await row('TOKEN', own)); }],
    ['from another key of the same installation', async () => { await set('OTHER', 'other'); await tamper(await row('OTHER')); }],
    ['from an earlier installation of the same extension', async () => { const [former, id] = [await row(), extension.projectId]; await admin.client.delete(`/extensions/${extension.id}`); extension = await installed(world, admin, id); await set('TOKEN', 'new'); await tamper(former); }],
  ])('%s does not open here', async (_, move) => {
    await set('TOKEN', 'ours');
    await move();
    for (const client of [extension.client, admin.client]) expect(await broken('TOKEN', extension, client)).toBe(true);
    expect(await alarms()).toBe(1);
  });

  it('that took another’s place with all of its row does not open, and neither does the other', async () => {
    await set('ONE', 'first');
    await set('TWO', 'second');
    const [one, two] = [await row('ONE'), await row('TWO')];
    await tamper(two, 'ONE');
    await tamper(one, 'TWO');
    expect([await broken('ONE'), await broken('TWO'), await alarms('ONE'), await alarms('TWO')]).toEqual([true, true, 1, 1]);
    await tamper(one, 'ONE');
    expect([await value('ONE'), await broken('TWO')]).toEqual(['first', true]);
  });

  it.each(['project_id', 'organization_id'])('does not open once its installation’s %s was changed', async (column) => {
    await set('TOKEN', 'ours');
    const other = await world.register();
    const home = { project_id: (await project(column === 'project_id' ? admin : other)).id, organization_id: other.organizationId }[column];
    await world.database.sql(`UPDATE extensions SET ${column} = $2 WHERE id = $1`, [extension.id, home]);
    // An admin of where it is now; the key of an installation whose project is elsewhere is dead.
    expect(await broken('TOKEN', extension, column === 'project_id' ? admin.client : other.client)).toBe(true);
  });

  it('does not open with any bit changed, cut, or longer than it was', async () => {
    await set('TOKEN', 'of some length');
    const whole = await row();
    const { sealed } = whole;
    const wrong = [
      ...Array.from({ length: sealed.length }, (_, index) => flipped(sealed, index, index % 8)),
      sealed.subarray(0, -1), sealed.subarray(1), sealed.subarray(0, HEADER + NONCE + TAG), sealed.subarray(0, HEADER), Buffer.alloc(0), Buffer.concat([sealed, Buffer.alloc(1)]), Buffer.alloc(sealed.length),
    ];
    for (const [index, bytes] of wrong.entries()) {
      await tamper({ ...whole, sealed: bytes });
      expect([index, await broken()]).toEqual([index, true]);
    }
    await tamper(whole);
    expect(await value('TOKEN')).toBe('of some length');
    expect(await alarms()).toBe(1);
  });

  it('does not open under another version of the data key, nor under a data key that was changed', async () => {
    await set('TOKEN', 'ours');
    const whole = await row();
    await world.database.sql('INSERT INTO data_keys (version, sealed, created_at) SELECT version + 1, sealed, created_at FROM data_keys WHERE version = $1', [whole.key_version]);
    await tamper({ ...whole, key_version: whole.key_version + 1 });
    expect(await broken()).toBe(true);
    await tamper(whole);
    await world.database.sql('DELETE FROM data_keys WHERE version = $1', [whole.key_version + 1]);
    expect(await value('TOKEN')).toBe('ours');

    const [key] = await world.database.sql<{ sealed: Buffer }>('SELECT sealed FROM data_keys WHERE version = $1', [whole.key_version]);
    const put = async (bytes: Buffer) => world.database.sql('UPDATE data_keys SET sealed = $2 WHERE version = $1', [whole.key_version, bytes]);
    const good = key?.sealed ?? Buffer.alloc(0);
    await put(flipped(good, good.length - 1));
    expect(await broken()).toBe(true);
    expect((await extension.client.post(at('NEW'), { value: 'x' })).status).toBe(500);
    await put(good);
    expect([await value('TOKEN'), (await read('NEW')).status]).toEqual(['ours', 404]);
  });
});

describe('a value that does not open', () => {
  const breakIt = async (key = 'TOKEN') => {
    await set(key, 'broken-of-7c1d');
    const whole = await row(key);
    await tamper({ ...whole, sealed: flipped(whole.sealed, HEADER + NONCE) }, key);
    return whole;
  };

  it('is answered with 500 and nothing of the inside, to the extension and to an admin', async () => {
    await breakIt();
    for (const client of [extension.client, admin.client]) {
      const { status, body, headers } = await read('TOKEN', extension, client);
      expect([status, body]).toEqual([500, { error: 'internal_error', message: expect.any(String), request_id: headers.get('x-request-id') }]);
      // A request's id is random letters, and may say anything.
      expect(JSON.stringify({ ...body, request_id: '' })).not.toMatch(/seal|decrypt|cipher|gcm|tag|version|broken|TOKEN/i);
    }
  });

  it('stands in the trail as broken, by who found it, and never as read', async () => {
    await breakIt();
    const lines = await recorded(world, async () => Promise.all([read('TOKEN'), read('TOKEN', extension, admin.client)]));
    expect(lines).toEqual([expect.stringMatching(new RegExp(`^organization:${admin.organizationId} (?:extension:${extension.id}|user:${admin.id}) extension_secret.broken extension_secret:${extension.id}/TOKEN$`))]);
  });

  it('is told to each admin once, in their own language and in the product’s name, and to nobody else', async () => {
    const [german, english] = [await world.member(admin, 'admin'), await world.member(admin, 'admin')];
    await german.client.put('/auth/me', { locale: 'de' });
    await english.client.put('/auth/me', { locale: 'en' });
    const [member, viewer, former, stranger] = [await world.member(admin), await world.member(admin, 'viewer'), await world.member(admin, 'admin'), await world.register()];
    await admin.client.delete(`/users/${former.id}`);
    await admin.client.post('/users', { user: { email: 'waits@acme.cz', name: 'Waits', role: 'admin' } });
    await breakIt('LOST_1');
    await times(AT_ONCE, async (index) => read('LOST_1', extension, (index % 2 === 0 ? extension : admin).client));
    await mailsAreOut();
    expect(await alarms('LOST_1')).toBe(1);
    const told = mailsAbout('LOST_1').map(({ recipients, subject }) => [...recipients, subject?.replace(/^[^:]*: /, '').replace(/ – .*/, '')]);
    expect(told.sort()).toEqual([
      [admin.email, 'Uložené tajemství nelze otevřít'],
      [german.email, 'Ein gespeichertes Geheimnis lässt sich nicht öffnen'],
      [english.email, 'A stored secret cannot be opened'],
    ].sort());
    for (const { recipients, subject, text, from } of mailsAbout('LOST_1')) {
      expect([text, text, subject]).toEqual([expect.stringContaining('Kalendář'), expect.stringContaining('Úklid s.r.o.'), expect.stringMatching(/^Správce GDPR: /)]);
      expect(`${subject} ${text} ${from?.text}`).not.toMatch(/Kiket|broken-of-7c1d/);
      expect([member.email, viewer.email, former.email, stranger.email, 'waits@acme.cz']).not.toContain(recipients[0]);
    }
  });

  it('is told again after an hour, and not before; each key for itself', async () => {
    await breakIt('LOST_2');
    await breakIt('LOST_3');
    const counts = async () => {
      await read('LOST_2');
      await read('LOST_2', extension, admin.client);
      await read('LOST_3');
      await mailsAreOut();
      return [await alarms('LOST_2'), mailsAbout('LOST_2').length, await alarms('LOST_3'), mailsAbout('LOST_3').length];
    };
    expect(await counts()).toEqual([1, 1, 1, 1]);
    world.clock.advance({ minutes: 58 });
    admin = await world.login(admin.email);
    expect(await counts()).toEqual([1, 1, 1, 1]);
    world.clock.advance({ minutes: 3 });
    admin = await world.login(admin.email);
    expect(await counts()).toEqual([2, 2, 2, 2]);
  });

  it('is not told, and still not handed out, where the trail takes no entry; it is told at the next read', async () => {
    await breakIt('LOST_4');
    await world.database.sql(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no ink''; END'`);
    await world.database.sql('CREATE TRIGGER refuse BEFORE INSERT ON audit_pending FOR EACH ROW EXECUTE FUNCTION refuse()');
    expect(await broken('LOST_4')).toBe(true);
    await world.database.sql('DROP TRIGGER refuse ON audit_pending');
    await mailsAreOut();
    expect([await alarms('LOST_4'), mailsAbout('LOST_4').length]).toEqual([0, 0]);
    expect(await broken('LOST_4')).toBe(true);
    await mailsAreOut();
    expect([await alarms('LOST_4'), mailsAbout('LOST_4').length]).toEqual([1, 1]);
  });

  it('stands in no other’s way, is still listed, and is made good by another value or deleted', async () => {
    await breakIt();
    await breakIt('OTHER');
    await set('WHOLE', 'whole');
    await set('TOKEN', 'theirs', neighbour);
    expect([await broken(), await value('WHOLE'), await value('TOKEN', neighbour)]).toEqual([true, 'whole', 'theirs']);
    expect((await admin.client.get(at())).body.keys).toEqual(['OTHER', 'TOKEN', 'WHOLE']);
    await set('TOKEN', 'good again');
    expect([await value('TOKEN'), (await extension.client.delete(at('OTHER'))).status, (await read('OTHER')).status]).toEqual(['good again', 204, 404]);
  });
});

describe('sealing', () => {
  it('gives each value a nonce of its own, the same value written again too, and shows only its length', async () => {
    const seals: Buffer[] = [];
    for (let round = 0; round < 10; round += 1) {
      await times(50, async (index) => set(`KEY_${index}`, 'the same'));
      seals.push(...(await world.database.sql<Row>('SELECT sealed FROM extension_secrets WHERE installation_id = $1', [extension.id])).map(({ sealed }) => sealed));
    }
    expect(seals).toHaveLength(500);
    expect(new Set(seals.map((sealed) => sealed.toString('hex', HEADER, HEADER + NONCE))).size).toBe(500);
    expect(new Set(seals.map((sealed) => sealed.toString('hex', HEADER + NONCE, sealed.length - TAG))).size).toBe(500);
    expect(new Set(seals.map(({ length }) => length))).toEqual(new Set([HEADER + NONCE + 'the same'.length + TAG]));
  });

  it('says in the first bytes which version it is under, as its row does', async () => {
    await set('TOKEN', 'x');
    const { sealed, key_version: version } = await row();
    expect([sealed.readUInt8(0), sealed.readUInt32BE(1), (await versions()).at(-1)]).toEqual([2, version, version]);
  });

  it('of the first value of all by many at once leaves one data key', async () => {
    const young = await World.start();
    try {
      const owner = await young.register();
      const own = await installed(young, owner, (await project(owner)).id);
      const answers = await times(AT_ONCE, async (index) => own.client.post(at(`KEY_${index}`, own), { value: `value ${index}` }));
      expect(answers.map(verdict)).toEqual(answers.map(() => '200'));
      expect(await young.database.sql('SELECT version FROM data_keys')).toEqual([{ version: 1 }]);
      for (let index = 0; index < AT_ONCE; index += 1) expect((await own.client.get(at(`KEY_${index}`, own))).body.value).toBe(`value ${index}`);
    } finally {
      await young.stop();
    }
  });

  it('leaves SECRETS_KEY out of the database, in any spelling, before and after a re-encryption', async () => {
    const { secretsKey } = world.config;
    expect(secretsKey).toHaveLength(32);
    await set('TOKEN', 'x');
    for (const act of [async () => undefined, reencrypt]) {
      await act();
      const tables = await world.database.sql<{ name: string }>(
        `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')`,
      );
      expect(tables.map(({ name }) => name)).toEqual(expect.arrayContaining(['public.data_keys', 'public.extension_secrets', 'public.signing_keys', 'jobs.job_common']));
      for (const { name } of tables) {
        const [{ text = '' } = {}] = await world.database.sql<{ text: string }>(`SELECT coalesce(string_agg(t::text, ' '), '') AS text FROM ${name} t`);
        for (const spelling of [secretsKey.toString('hex'), secretsKey.toString('base64').replace(/=+$/, ''), secretsKey.toString('base64url')]) expect([name, text.includes(spelling)]).toEqual([name, false]);
      }
    }
    expect(world.logs.join('')).not.toContain(secretsKey.toString('base64'));
  });
});

describe('secrets:reencrypt', () => {
  /** Runs `npm run admin -- …` beside the instances that serve. */
  const command = async (...words: string[]) => {
    const child = spawn(process.execPath, ['dist/apps/api/src/admin.js', ...words], { env: { ...world.env, PATH: process.env['PATH'], NODE_COMPILE_CACHE: COMPILED } });
    const said = { out: '', err: '' };
    child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { code, ...said };
  };
  /** What earlier tests broke is gone, so that only what this one breaks is reported. */
  beforeEach(async () => {
    await world.database.sql('DELETE FROM extension_secrets');
  });

  it('seals everything under a new version: the old one is gone, and nobody sees a difference', async () => {
    await times(AT_ONCE, async (index) => set(`KEY_${index}`, `value ${index}\n😀 `));
    await set('TOKEN', 'theirs', neighbour);
    const [before, list] = [await row('KEY_7'), (await admin.client.get(at())).body];
    const version = ((await versions()).at(-1) ?? 0) + 1;
    expect(await command('secrets:reencrypt')).toEqual({ code: 0, out: `${AT_ONCE + 1} secrets are sealed under version ${version} of the data key\n`, err: '' });
    expect(await versions()).toEqual([version]);
    expect(await world.database.sql('SELECT DISTINCT key_version FROM extension_secrets')).toEqual([{ key_version: version }]);
    const after = await row('KEY_7');
    expect([after.sealed.readUInt32BE(1), after.sealed.equals(before.sealed)]).toEqual([version, false]);
    for (let index = 0; index < AT_ONCE; index += 1) expect(await value(`KEY_${index}`)).toBe(`value ${index}\n😀 `);
    expect([await value('TOKEN', neighbour), (await admin.client.get(at())).body]).toEqual(['theirs', list]);
    await set('NEW', 'x');
    expect((await row('NEW')).key_version).toBe(version);
    expect(await world.database.sql(`SELECT actor_type, target_type, target_id FROM audit_entries WHERE chain = 'operator' AND action = 'data_key.rotated' ORDER BY id DESC LIMIT 1`))
      .toEqual([{ actor_type: 'operator', target_type: 'data_key', target_id: String(version) }]);
  });

  it('reports what does not open and leaves it as it is, with its version; it opens again once it is put right', async () => {
    for (const key of ['WHOLE', 'CHANGED', 'MOVED']) await set(key, `value of ${key}`);
    const [whole, changed, moved] = [await row('WHOLE'), await row('CHANGED'), await row('MOVED')];
    await tamper({ ...changed, sealed: flipped(changed.sealed, HEADER + NONCE) }, 'CHANGED');
    await tamper(whole, 'MOVED');
    const untouched = [await row('CHANGED'), await row('MOVED')];
    const { code, out, err } = await command('secrets:reencrypt');
    const version = whole.key_version + 1;
    const says = (key: string) => `${extension.id}/${key} does not open: it was changed or moved, and stays as it is`;
    expect([code, err, out]).toEqual([1, '', `1 secrets are sealed under version ${version} of the data key\n${says('CHANGED')}\n${says('MOVED')}\n`]);
    expect(out).not.toContain('value of');
    expect([await row('CHANGED'), await row('MOVED')]).toEqual(untouched);
    expect([await value('WHOLE'), await broken('CHANGED'), await broken('MOVED'), await versions()]).toEqual(['value of WHOLE', true, true, [whole.key_version, version]]);

    await tamper(changed, 'CHANGED');
    await tamper(moved, 'MOVED');
    expect([await value('CHANGED'), await value('MOVED')]).toEqual(['value of CHANGED', 'value of MOVED']);
    expect(await reencrypt()).toEqual({ version: version + 1, resealed: 3, broken: [] });
    expect([await value('CHANGED'), await value('MOVED'), await versions()]).toEqual(['value of CHANGED', 'value of MOVED', [version + 1]]);
  });

  it('of more than a batch leaves none behind', async () => {
    const own = [extension, neighbour];
    for (const one of own) await times(100, async (index) => set(`KEY_${index}`, `value ${index}`, one));
    for (let index = 0; index < 30; index += 1) await tamper({ ...(await row(`KEY_${index}`)), sealed: Buffer.alloc(40) }, `KEY_${index}`);
    const { resealed, broken: unopened, version } = await reencrypt();
    expect([resealed, unopened.length]).toEqual([170, 30]);
    expect(await world.database.sql('SELECT count(*)::integer AS count FROM extension_secrets WHERE key_version = $1', [version])).toEqual([{ count: 170 }]);
    for (const index of [30, 99]) expect([await value(`KEY_${index}`), await value(`KEY_${index}`, neighbour)]).toEqual([`value ${index}`, `value ${index}`]);
  });

  it('loses nothing of what is written at the same time: each key holds what was acknowledged last', async () => {
    const other = await world.anotherInstance();
    const keys = Array.from({ length: 8 }, (_, index) => `KEY_${index}`);
    const last = new Map<string, string>();
    const work = { isOver: false };
    const failures: string[] = [];
    const writer = async (key: string, index: number) => {
      const client = index % 2 === 0 ? extension.client : extension.client.at(`${other.base}/api/v1`);
      for (let count = 0; !work.isOver; count += 1) {
        const answer = await client.post(at(key), { value: `${key} ${count}` });
        if (answer.status !== 200) failures.push(verdict(answer));
        last.set(key, `${key} ${count}`);
      }
    };
    const writers = keys.map(writer);
    const runs: number[] = [];
    for (let round = 0; round < 5; round += 1) runs.push((await reencrypt()).version);
    work.isOver = true;
    await Promise.all(writers);
    expect(failures).toEqual([]);
    expect([last.size, new Set(runs).size]).toEqual([8, 5]);
    for (const key of keys) expect(await value(key)).toBe(last.get(key));
    expect(await versions()).toEqual([runs.at(-1)]);
    expect(await reencrypt()).toMatchObject({ resealed: 8, broken: [] });
    for (const key of keys) expect(await value(key)).toBe(last.get(key));
  });

  it('does not write an old value over one that is being stored just then', async () => {
    await set('TOKEN', 'old');
    const old = await row();
    await set('TOKEN', 'new');
    const { sealed } = await row();
    await tamper(old);
    const store = [`UPDATE extension_secrets SET sealed = $2 WHERE installation_id = $1 AND key = 'TOKEN'`, [extension.id, sealed]] as const;
    const answer = await meanwhile(world, [store], async () => {
      expect(await reencrypt()).toMatchObject({ resealed: 1, broken: [] });
      return read('TOKEN');
    });
    expect(answer.body).toEqual({ key: 'TOKEN', value: 'new' });
  });

  it('by two at once leaves everything readable, and no version that nothing stands under', async () => {
    await times(50, async (index) => set(`KEY_${index}`, `value ${index}`));
    const runs = await Promise.all([reencrypt(), reencrypt(), reencrypt()]);
    expect(runs.map(({ broken: unopened }) => unopened)).toEqual([[], [], []]);
    for (let index = 0; index < 50; index += 1) expect(await value(`KEY_${index}`)).toBe(`value ${index}`);
    expect(await versions()).toEqual([Math.max(...runs.map(({ version }) => version))]);
  });

  it('refuses no reader who comes just as a value changes its key', async () => {
    await set('TOKEN', 'read me');
    const before = await row();
    const keyOf = async (version: number) => (await world.database.sql<{ sealed: Buffer }>('SELECT sealed FROM data_keys WHERE version = $1', [version]))[0]?.sealed;
    const formerKey = await keyOf(before.key_version);
    const { version } = await reencrypt();
    const [after, newKey] = [await row(), await keyOf(version)];
    const add = 'INSERT INTO data_keys (version, sealed, created_at) VALUES ($1, $2, now())';
    const move = `UPDATE extension_secrets SET sealed = $2, key_version = $3 WHERE installation_id = $1 AND key = 'TOKEN'`;
    const drop = 'DELETE FROM data_keys WHERE version = $1';
    // Back to what was before; then the same again, while somebody has read the row and not yet its key.
    await world.database.sql(add, [before.key_version, formerKey]);
    await world.database.sql(move, [extension.id, before.sealed, before.key_version]);
    await world.database.sql(drop, [version]);
    expect(await value('TOKEN')).toBe('read me');
    const answer = await meanwhile(world, [['LOCK TABLE data_keys', []]], async () => read('TOKEN'), [[add, [version, newKey]], [move, [extension.id, after.sealed, version]], [drop, [before.key_version]]]);
    expect([answer.status, answer.body.value]).toEqual([200, 'read me']);
  });
});
