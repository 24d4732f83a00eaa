import { DomainError } from '#domain';
import { PRODUCT_ACCESS } from './product-token.js';
import { claims, signer, verifier } from './testing/forgery.js';

describe('a valid token', () => {
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

  it('does not survive any of 5,000 random mutations', async () => {
    const pick = randomness(20_300_101);
    const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\0é\ud800';
    const token = signer.sign(claims(), PRODUCT_ACCESS);
    await verifier.verify(token, PRODUCT_ACCESS);
    const mutations: ((text: string, index: number) => string)[] = [
      (text, index) => text.slice(0, index) + characters[pick(characters.length)] + text.slice(index + 1),
      (text, index) => text.slice(0, index) + characters[pick(characters.length)] + text.slice(index),
      (text, index) => text.slice(0, index) + text.slice(index + 1),
      (text, index) => text.slice(0, index) + text.slice(index + 1 + pick(20)),
      (text, index) => text.slice(0, index),
      (text, index) => text.slice(index) + text.slice(0, index),
      (text, index) => text.slice(0, index) + (text[index + 1] ?? '') + (text[index] ?? '') + text.slice(index + 2),
      (text, index) => text.slice(0, index) + text.slice(index, index + pick(20)) + text.slice(index),
    ];
    const survivors: string[] = [];
    const errors: unknown[] = [];
    for (let count = 0; count < 5_000; count += 1) {
      const mutate = mutations[pick(mutations.length)] as (text: string, index: number) => string;
      let mutant = mutate(token, pick(token.length));
      if (pick(4) === 0) mutant = mutate(mutant, pick(token.length));
      if (mutant === token) continue;
      try {
        await verifier.verify(mutant, PRODUCT_ACCESS);
        survivors.push(mutant);
      } catch (error) {
        if (!(error instanceof DomainError) || error.code !== 'invalid_token') errors.push(error);
      }
    }

    expect(survivors).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('leaves Object.prototype as it was', () => {
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as { sub?: unknown }).sub).toBeUndefined();
  });
});
