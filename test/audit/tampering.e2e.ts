import { type ExportVerdict, verifyExport, type Witnesses } from '#audit';
import { signStatement, SigningKeys } from '#jwt';
import { type Person, World } from '../support/world.js';
import { checkpoint, type ExportedLine, exported, happen } from './long-trail.js';
import { recomputedHash, type SealedEntry } from './recomputed-hash.js';

const EVENTS = 10_000;
const COPIES = 100;

jest.setTimeout(240_000);

let world: World;
let admin: Person;
let log: readonly ExportedLine[];
/** Of its members, on the product's identity chain. */
let singles: readonly ExportedLine[];
let witnesses: Witnesses;
/** A checkpoint of another organization. */
let theirs: string;
/** At which places checkpoints were signed. */
let signedAt: number[];
beforeAll(async () => {
  world = await World.start();
  admin = await world.register();
  const signed: { events: number; jws: string }[] = [];
  for (let quarter = 0; quarter < 4; quarter += 1) {
    await happen(world, admin.organizationId, EVENTS / 4 - (quarter === 0 ? 2 : 0));
    signed.push(await checkpoint(admin.client));
  }
  log = await exported(admin.client);
  for (let i = 0; i < 4; i += 1) await world.visitor.post('/auth/login', { email: admin.email, password: 'Wrong456!' });
  singles = (await exported(admin.client)).slice(EVENTS);
  theirs = (await checkpoint((await world.register()).client)).jws;
  signedAt = signed.map(({ events }) => events);
  const { body } = await world.stranger.get('/.well-known/audit-keys.json');
  witnesses = { keys: body.keys, checkpoints: signed.map(({ jws }) => jws).join('\n') };
});
afterAll(async () => {
  await world.stop();
});

async function* written(lines: readonly unknown[]): AsyncGenerator<string> {
  for (const line of lines) yield typeof line === 'string' ? line : JSON.stringify(line);
}
const verdictOn = async (lines: readonly unknown[], by: Witnesses | undefined = witnesses): Promise<ExportVerdict> => verifyExport(written(lines), by);

/** With the hash that it would have. */
function rehashed(line: ExportedLine, previous_hash = line.previous_hash): ExportedLine {
  const text = (id: number | string | null) => (id === null ? null : String(id));
  const { actor, target, occurred_at, ...rest } = line;
  const entry = { ...rest, occurred_at: new Date(occurred_at), actor_type: actor.type, actor_id: text(actor.id), target_type: target.type, target_id: text(target.id), previous_hash };
  return { ...line, previous_hash, hash: recomputedHash(entry as unknown as SealedEntry) };
}

/** Everything from a place on, chained anew. */
function rechained(lines: readonly ExportedLine[], from: number): ExportedLine[] {
  const all = [...lines];
  for (let index = from; index < all.length; index += 1) {
    all[index] = rehashed({ ...(all[index] as ExportedLine), chain_position: index + 1 }, all[index - 1]?.hash ?? '0'.repeat(64));
  }
  return all;
}

interface Tampered {
  readonly lines: readonly unknown[];
  readonly id: number;
  readonly reason: string;
}

const at = (index: number): ExportedLine => log[index] as ExportedLine;
const without = (index: number) => [...log.slice(0, index), ...log.slice(index + 1)];
const replaced = (index: number, line: unknown) => [...log.slice(0, index), line, ...log.slice(index + 1)];
const inserted = (index: number, line: unknown) => [...log.slice(0, index), line, ...log.slice(index)];
const changed = (index: number, change: object): Tampered => ({ lines: replaced(index, { ...at(index), ...change }), id: at(index).id, reason: 'altered' });
/** The first place at or behind an index where a checkpoint was signed: up to there a chain that was made anew holds together. */
const witnessed = (index: number) => at((signedAt.find((events) => events > index) ?? 0) - 1).id;

const KINDS: Readonly<Record<string, (index: number, other: number) => Tampered>> = {
  'another actor': (i) => changed(i, { actor: { type: 'user', id: 999, name: 'Nobody' } }),
  'another target': (i) => changed(i, { target: { ...at(i).target, id: null } }),
  'another action': (i) => changed(i, { action: 'user.removed' }),
  'another time': (i) => changed(i, { occurred_at: new Date(Date.parse(at(i).occurred_at) + 1).toISOString() }),
  'another address': (i) => changed(i, { ip: '192.0.2.1' }),
  'another program': (i) => changed(i, { user_agent: null }),
  'another request': (i) => changed(i, { request_id: 'other' }),
  'another detail': (i) => changed(i, { metadata: { ...at(i).metadata, more: true } }),
  'another id': (i) => ({ ...changed(i, { id: 123_456_789 }), id: 123_456_789 }),
  'another hash': (i) => changed(i, { hash: 'a'.repeat(64) }),
  'another hash before': (i) => changed(i, { previous_hash: 'a'.repeat(64) }),
  'another chain': (i) => changed(i, { chain: 'identity:1' }),
  'a note more': (i) => changed(i, { note: 'approved' }),
  'a note more on whom': (i) => changed(i, { target: { ...at(i).target, note: 'approved' } }),
  'an action written twice, for readers that take the first': (i) => ({
    lines: replaced(i, JSON.stringify(at(i)).replace('"action":', '"action":"user.removed","action":')), id: at(i).id, reason: 'altered',
  }),
  'a number in another form': (i) => ({ lines: replaced(i, JSON.stringify(at(i)).replace(/"chain_position":(\d+)/, '"chain_position":$1.0')), id: at(i).id, reason: 'altered' }),
  'the same time, finer': (i) => changed(i, { occurred_at: at(i).occurred_at.replace('Z', '9Z') }),
  'no JSON': (i) => ({ lines: replaced(i, JSON.stringify(at(i)).slice(0, -9)), id: -1, reason: 'altered' }),
  'a hash made anew, by the one behind': (i) => ({ lines: replaced(i, rehashed({ ...at(i), action: 'user.removed' })), id: at(i + 1).id, reason: 'altered' }),
  removed: (i) => ({ lines: without(i), id: at(i + 1).id, reason: 'missing' }),
  'removed, and the places closed up': (i) => ({
    lines: without(i).map((line, index) => ({ ...line, chain_position: index + 1 })), id: at(i + 1).id, reason: 'altered',
  }),
  'removed, and all behind it chained anew': (i) => {
    const place = signedAt.find((events) => events > i) ?? EVENTS;
    return { lines: rechained(without(i), i), ...(place === EVENTS ? { id: at(EVENTS - 1).id, reason: 'truncated' } : { id: at(place).id, reason: 'altered' }) };
  },
  swapped: (i, j) => {
    const lines = [...log];
    [lines[i], lines[j]] = [at(j), at(i)];
    return { lines, id: at(j).id, reason: 'missing' };
  },
  repeated: (i) => ({ lines: inserted(i + 1, at(i)), id: at(i).id, reason: 'altered' }),
  inserted: (i) => ({ lines: inserted(i, { ...at(i), id: 123_456_789 }), id: 123_456_789, reason: 'altered' }),
  'altered, and all behind it chained anew': (i) => ({ lines: rechained(replaced(i, { ...at(i), action: 'user.removed' }) as ExportedLine[], i), id: witnessed(i), reason: 'altered' }),
  'a cut tail': (i) => ({ lines: log.slice(0, i), id: at(i - 1).id, reason: 'truncated' }),
  'a cut tail, and others grown in its place': (i) => ({ lines: rechained([...log.slice(0, i), ...log.slice(i).map((line) => ({ ...line, action: 'user.updated' }))], i), id: witnessed(i), reason: 'altered' }),
};

it('an export as it came is valid, by itself and beside its checkpoints', async () => {
  expect(log).toHaveLength(EVENTS);
  expect(signedAt).toEqual([2_500, 5_000, 7_500, 10_000]);
  const valid = { valid: true, events: EVENTS, head: at(EVENTS - 1).hash, line: EVENTS };
  expect(await verdictOn(log)).toEqual({ ...valid, checkpoints: 4 });
  expect(await verifyExport(written(log))).toEqual({ ...valid, checkpoints: 0 });
});

it(`finds what was done to each of ${COPIES} copies of ${EVENTS} events, at the right event`, async () => {
  let seed = 20_261_124;
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const kinds = Object.entries(KINDS);
  for (let copy = 0; copy < COPIES; copy += 1) {
    const [kind, tamper] = kinds[copy % kinds.length] ?? ['', () => changed(0, {})];
    const index = 1 + random(EVENTS - 600);
    const { lines, id, reason } = tamper(index, index + 1 + random(500));
    const { line: _, checkpoints: __, ...verdict } = await verdictOn(lines);
    expect([copy, kind, index, verdict]).toEqual([copy, kind, index, { valid: false, first_invalid_id: id === -1 ? null : id, reason }]);
  }
});

it('without checkpoints a cut tail and a chain made anew go unnoticed: that is what checkpoints are for', async () => {
  expect((await verifyExport(written(log.slice(0, 6_000)))).valid).toBe(true);
  expect((await verifyExport(written(rechained(replaced(6_000, { ...at(6_000), action: 'user.removed' }) as ExportedLine[], 6_000)))).valid).toBe(true);
});

it('behind the last checkpoint nobody can prove a cut: at most an hour', async () => {
  const [first = ''] = witnesses.checkpoints.split('\n');
  expect((await verdictOn(log.slice(0, 2_500), { ...witnesses, checkpoints: first })).valid).toBe(true);
  expect(await verdictOn(log.slice(0, 2_499), { ...witnesses, checkpoints: first })).toMatchObject({ valid: false, reason: 'truncated', first_invalid_id: at(2_498).id });
});

it('a checkpoint that none of the keys signed proves nothing, and is said to be forged', async () => {
  const [header, payload, signature] = witnesses.checkpoints.split('\n')[3]?.split('.') as [string, string, string];
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  const altered = Buffer.from(JSON.stringify({ ...claims, events: 20_000 })).toString('base64url');
  expect(await verdictOn(log, { ...witnesses, checkpoints: `${header}.${altered}.${signature}` })).toMatchObject({ valid: false, reason: 'forged_checkpoint' });
  expect(await verdictOn(log, { ...witnesses, keys: [] })).toMatchObject({ valid: false, reason: 'forged_checkpoint' });
});

it('nothing at all is truncated where a checkpoint knows of something', async () => {
  expect(await verdictOn([])).toEqual({ valid: false, first_invalid_id: null, reason: 'truncated', line: 0, checkpoints: 4 });
});

it('two genuine checkpoints of one place that contradict each other are noticed, whichever comes first', async () => {
  const [first = ''] = witnesses.checkpoints.split('\n');
  // What we would sign for whoever made the chain anew in the database.
  const keys = world.instance.app.get(SigningKeys);
  const claims = JSON.parse(Buffer.from(first.split('.')[1] ?? '', 'base64url').toString()) as object;
  const other = signStatement('audit-checkpoint+jwt', { ...claims, head: 'a'.repeat(64) }, keys.signer());
  for (const checkpoints of [`${first} ${other}`, `${other} ${first}`]) {
    expect(await verdictOn(log, { ...witnesses, checkpoints })).toMatchObject({ valid: false, first_invalid_id: at(2_499).id, reason: 'altered' });
  }
});

it('a checkpoint of another chain vouches for nothing, and is not counted', async () => {
  expect(await verdictOn(log, { ...witnesses, checkpoints: theirs })).toMatchObject({ valid: true, checkpoints: 0 });
});

it('of its members’ events, which stand singly, none is altered, repeated or moved', async () => {
  const [one, two, three, four] = singles as [ExportedLine, ExportedLine, ExportedLine, ExportedLine];
  expect([singles.length, new Set(singles.map(({ chain }) => chain.split(':')[0]))]).toEqual([4, new Set(['identity'])]);
  const verdict = async (...given: unknown[]) => {
    const { valid, first_invalid_id: id } = (await verdictOn([...log, ...given])) as { valid: boolean; first_invalid_id?: number };
    return valid || id;
  };
  expect(await verdict(one, two, three, four)).toBe(true);
  expect(await verdict(one, three)).toBe(true);
  expect(await verdict(one, { ...two, ip: '192.0.2.1' })).toBe(two.id);
  expect(await verdict(one, two, two)).toBe(two.id);
  expect(await verdict(one, three, two)).toBe(two.id);
  expect(await verdict(one, rehashed({ ...two, ip: '192.0.2.1' }), three)).toBe(three.id);
  expect(await verdict(one, rehashed({ ...three, chain: 'identity:999999' }))).toBe(three.id);
});
