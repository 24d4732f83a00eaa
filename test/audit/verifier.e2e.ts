import { ChainVerifier, Sealer, type Verdict } from '#audit';
import { Database } from '#database';
import { type Person, World } from '../support/world.js';
import { recomputedHash, type SealedEntry, sealed } from './recomputed-hash.js';

const EVENTS = 24;
const COPIES = 40;

let world: World;
let person: Person;
let entries: SealedEntry[];
beforeAll(async () => {
  world = await World.start();
  person = await world.register();
  for (let turn = 2; turn < EVENTS; turn += 1) await person.client.put('/auth/me', { name: `Name ${turn}`, ...(turn % 2 === 0 && { locale: 'de' }) });
  // Beside it other chains, whose entries stand in between.
  await world.register();
  await world.instance.app.get(Sealer).seal();
  entries = await sealed(world, `organization:${person.organizationId}`);
});
afterAll(async () => {
  await world.stop();
});

const entry = (index: number): SealedEntry => entries[index] as SealedEntry;

type Statement = readonly [text: string, values?: readonly unknown[]];

/** What the verifier says of a copy of the chain that was tampered with; the copy is thrown away. */
async function verdictOn(...tampering: readonly Statement[]): Promise<Verdict> {
  const { app } = world.instance;
  const database = app.get(Database);
  const verdicts: Verdict[] = [];
  const discarded = new Error('discarded');
  await database
    .transaction(async () => {
      for (const [text, values] of tampering) await database.query(text, values);
      verdicts.push(await app.get(ChainVerifier).verify({ organizationId: person.organizationId }));
      throw discarded;
    })
    .catch((error: unknown) => {
      if (error !== discarded) throw error;
    });
  return verdicts[0] as Verdict;
}

const found = (index: number, reason: 'altered' | 'missing') => ({ valid: false, first_invalid_id: entry(index).id, reason });

const set = (index: number, change: string): Statement => [`UPDATE audit_entries SET ${change} WHERE id = $1`, [entry(index).id]];
const setSeal = (index: number, change: string): Statement => [`UPDATE audit_seals SET ${change} WHERE entry_id = $1`, [entry(index).id]];
const exchange = (column: string, i: number, j: number): Statement[] => [
  setSeal(i, `${column} = -${column}`),
  [`UPDATE audit_seals SET ${column} = $2 WHERE entry_id = $1`, [entry(j).id, entry(i)[column]]],
  [`UPDATE audit_seals SET ${column} = $2 WHERE entry_id = $1`, [entry(i).id, entry(j)[column]]],
];

it('finds an untouched chain valid, and counts it', async () => {
  expect(entries).toHaveLength(EVENTS);
  expect(await verdictOn()).toEqual({ valid: true, events: EVENTS, head: entry(EVENTS - 1).hash });
});

it('an empty chain is valid', async () => {
  const verdict = await world.instance.app.get(ChainVerifier).verify({ organizationId: 999_999 });
  expect(verdict).toEqual({ valid: true, events: 0, head: '0'.repeat(64) });
});

/** Every way of altering one event, with what it comes to. */
const ALTERATIONS: [string, (index: number) => Statement][] = [
  ['who', (index) => set(index, `actor_id = actor_id || '1'`)],
  ['nobody', (index) => set(index, 'actor_id = NULL')],
  ['what sort of actor', (index) => set(index, `actor_type = 'operator'`)],
  ['what', (index) => set(index, `action = 'user.removed'`)],
  ['on what', (index) => set(index, `target_type = 'organization'`)],
  ['on whom', (index) => set(index, `target_id = '0'`)],
  ['when', (index) => set(index, `occurred_at = occurred_at - interval '1 millisecond'`)],
  ['from where', (index) => set(index, `ip = '10.0.0.1'`)],
  ['by which program', (index) => set(index, `user_agent = ''`)],
  ['in which request', (index) => set(index, 'request_id = NULL')],
  ['a detail more', (index) => set(index, `metadata = metadata || '{"x": 1}'`)],
  ['a detail of another shape', (index) => set(index, `metadata = jsonb_build_array(metadata)`)],
  ['its hash', (index) => setSeal(index, `hash = repeat('a', 64)`)],
  ['the hash before it', (index) => setSeal(index, `previous_hash = repeat('a', 64)`)],
];

describe('names the first event that was altered:', () => {
  it.each(ALTERATIONS)('%s', async (_, tamper) => {
    for (const index of [0, 11, EVENTS - 1]) expect(await verdictOn(tamper(index))).toEqual(found(index, 'altered'));
  });

  it('also where its own hash was made anew, by the event behind it', async () => {
    const forged = { ...entry(7), target_id: '0' };
    const verdict = await verdictOn(set(7, `target_id = '0'`), [`UPDATE audit_seals SET hash = $2 WHERE entry_id = $1`, [forged.id, recomputedHash(forged)]]);
    expect(verdict).toEqual(found(8, 'altered'));
  });
});

describe('names the first event that is missing:', () => {
  const gone = (index: number): Statement => ['DELETE FROM audit_entries WHERE id = $1', [entry(index).id]];
  const sealGone = (index: number): Statement => ['DELETE FROM audit_seals WHERE entry_id = $1', [entry(index).id]];

  it.each([0, 11, EVENTS - 1])('the entry at %d', async (index) => {
    expect(await verdictOn(gone(index))).toEqual(found(index, 'missing'));
  });

  it.each([0, 11])('the entry at %d with its seal, by the one behind it', async (index) => {
    expect(await verdictOn(gone(index), sealGone(index))).toEqual(found(index + 1, 'missing'));
    expect(await verdictOn(sealGone(index))).toEqual(found(index + 1, 'missing'));
  });

  it('with the places closed up behind it', async () => {
    const verdict = await verdictOn(gone(11), sealGone(11), ...Array.from({ length: EVENTS - 12 }, (_, step) => setSeal(12 + step, 'chain_position = chain_position - 1')));
    expect(verdict).toEqual(found(12, 'altered'));
  });

  it('one that was moved to another chain', async () => {
    expect(await verdictOn(set(5, `chain = 'operator'`))).toEqual(found(5, 'missing'));
  });
});

describe('names the first place of two whose events changed places:', () => {
  it.each([[3, 4], [0, EVENTS - 1], [11, 20]])('%d and %d', async (i, j) => {
    // In the first of the two places stands what belongs to the second.
    expect(await verdictOn(...exchange('chain_position', i, j))).toEqual(found(j, 'altered'));
  });

  it.each([[3, 4], [0, EVENTS - 1]])('%d and %d, in the order alone in which they are listed and exported', async (i, j) => {
    const verdict = await verdictOn(...exchange('position', i, j));
    // The one that stands too late is behind its time only beside the next.
    expect(verdict).toEqual(found(i + 1, 'altered'));
  });

  it('and one that was moved before all others, where no export begins', async () => {
    expect(await verdictOn(setSeal(0, 'position = -5'))).toEqual(found(0, 'altered'));
  });

  it('in content, under their own ids', async () => {
    const columns = 'occurred_at, action, target_type, target_id, request_id, metadata';
    const [a, b] = [entry(3), entry(9)];
    const copy = (to: SealedEntry): Statement => [`UPDATE audit_entries SET (${columns}) = (SELECT ${columns} FROM kept WHERE id = $2) WHERE id = $1`, [to.id, to === a ? b.id : a.id]];
    expect(await verdictOn(['CREATE TEMPORARY TABLE kept ON COMMIT DROP AS SELECT * FROM audit_entries'], copy(a), copy(b))).toEqual(found(3, 'altered'));
  });
});

it(`finds the first of several alterations in each of ${COPIES} random copies`, async () => {
  let seed = 20_261_124;
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let copy = 0; copy < COPIES; copy += 1) {
    const places = Array.from({ length: 1 + random(4) }, () => random(EVENTS));
    const tampering = places.map((place) => (ALTERATIONS[random(ALTERATIONS.length)]?.[1] ?? (() => set(place, 'actor_id = NULL')))(place));
    expect([copy, places, await verdictOn(...tampering)]).toEqual([copy, places, found(Math.min(...places), 'altered')]);
  }
});
