import { type Person, World } from '../support/world.js';

const MUTANTS = 5_000;
const AT_ONCE = 50;

let world: World;
let person: Person;
beforeAll(async () => {
  world = await World.start();
  person = await world.register();
});
afterAll(async () => {
  await world.stop();
});

/** A small generator with a seed, so that a failure can be repeated (mulberry32). */
function randomness(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Every character that a header can carry beside a space, which would make two words of a token. */
const CHARACTERS = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join('');

function mutants(tokens: readonly string[], seed: number): string[] {
  const pick = randomness(seed);
  const letter = () => CHARACTERS.charAt(pick(CHARACTERS.length));
  const mutations: ((text: string, at: number) => string)[] = [
    (text, at) => text.slice(0, at) + letter() + text.slice(at + 1),
    (text, at) => text.slice(0, at) + letter() + text.slice(at),
    (text, at) => text.slice(0, at) + text.slice(at + 1 + pick(20)),
    (text, at) => text.slice(0, at + 1),
    (text, at) => text.slice(at) + text.slice(0, at),
    (text, at) => text.slice(0, at) + text.charAt(at + 1) + text.charAt(at) + text.slice(at + 2),
    (text, at) => text.split('.').map((part, index) => (tokens[pick(tokens.length)] ?? '').split('.')[index] ?? part).join('.') + (at % 2 === 0 ? '' : letter()),
  ];
  const made = new Set<string>();
  while (made.size < MUTANTS) {
    const token = tokens[pick(tokens.length)] ?? '';
    made.add((mutations[pick(mutations.length)] ?? String)(token, pick(token.length)));
  }
  for (const token of tokens) made.delete(token);
  return [...made];
}

describe('valid tokens', () => {
  it(`survive none of ${MUTANTS} random mutations, nor any mixture of their parts`, async () => {
    const others = [await world.register(), await world.register({ product: 'kanzlei' })];
    const tokens = [person, ...others].map(({ accessToken }) => accessToken);
    // Used once, so that whatever is remembered of them could be mistaken for a mutant.
    for (const token of tokens) expect((await world.stranger.bearer(token).get('/api/v1/auth/me')).status).toBe(200);
    const all = mutants(tokens, 20_300_102);
    const wrong: unknown[] = [];
    for (let begin = 0; begin < all.length; begin += AT_ONCE) {
      const answers = all.slice(begin, begin + AT_ONCE).map(async (token) => {
        const { status, body } = await world.stranger.bearer(token).get('/api/v1/auth/me');
        if (status !== 401 || body.error !== 'invalid_token') wrong.push([token, status, body]);
      });
      await Promise.all(answers);
    }
    expect(wrong).toEqual([]);
    expect((await person.client.get('/auth/me')).status).toBe(200);
  });
});
