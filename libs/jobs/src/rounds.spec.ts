import { Logger } from '@nestjs/common';
import { Rounds } from './rounds.js';

const PAUSE_SECONDS = 5;

/** Work that ends when the test says so. */
function work() {
  const ends: (() => void)[] = [];
  const state = { begun: 0 };
  const begin = async (): Promise<void> => {
    state.begun += 1;
    await new Promise<void>((resolve) => ends.push(resolve));
  };
  return { state, begin, end: async () => { ends.shift()?.(); await jest.advanceTimersByTimeAsync(0); } };
}

const pass = async (seconds: number) => jest.advanceTimersByTimeAsync(seconds * 1000);

let rounds: Rounds;
beforeEach(() => {
  jest.useFakeTimers();
  rounds = new Rounds();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('a round', () => {
  it('begins a pause after the start, and not before it', async () => {
    const { state, begin } = work();
    rounds.every(PAUSE_SECONDS, 'test', begin);
    await pass(60);
    expect(state.begun).toBe(0);
    rounds.onApplicationBootstrap();
    await pass(PAUSE_SECONDS - 0.001);
    expect(state.begun).toBe(0);
    await pass(0.001);
    expect(state.begun).toBe(1);
  });

  it('never overlaps itself: the pause is between its end and the next beginning', async () => {
    const { state, begin, end } = work();
    rounds.every(PAUSE_SECONDS, 'test', begin);
    rounds.onApplicationBootstrap();
    await pass(60);
    expect(state.begun).toBe(1);
    await end();
    await pass(PAUSE_SECONDS - 0.001);
    expect(state.begun).toBe(1);
    await pass(0.001);
    expect(state.begun).toBe(2);
  });

  it('that takes long holds up no other', async () => {
    const [slow, quick] = [work(), work()];
    rounds.every(PAUSE_SECONDS, 'slow', slow.begin);
    rounds.every(PAUSE_SECONDS, 'quick', quick.begin);
    rounds.onApplicationBootstrap();
    for (let turn = 0; turn < 3; turn += 1) {
      await pass(PAUSE_SECONDS);
      await quick.end();
    }
    expect([slow.state.begun, quick.state.begun]).toEqual([1, 3]);
  });

  it.each<[string, () => Promise<void>]>([
    ['rejects', async () => Promise.reject(new Error('no database'))],
    ['throws at once', () => { throw new Error('no database'); }],
  ])('that %s is logged and comes round again', async (_, fail) => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    let begun = 0;
    rounds.every(PAUSE_SECONDS, 'expiry warnings', () => { begun += 1; return fail(); });
    rounds.onApplicationBootstrap();
    await pass(3 * PAUSE_SECONDS);
    expect(begun).toBe(3);
    expect(warn.mock.calls).toEqual(Array.from({ length: 3 }, () => [{ msg: 'a round failed', round: 'expiry warnings', reason: 'Error: no database' }]));
    warn.mockRestore();
  });
});

describe('a stop', () => {
  it('lets no other round begin', async () => {
    const { state, begin } = work();
    rounds.every(PAUSE_SECONDS, 'test', begin);
    rounds.onApplicationBootstrap();
    await rounds.beforeApplicationShutdown();
    await pass(60);
    expect([state.begun, jest.getTimerCount()]).toEqual([0, 0]);
  });

  it('waits for the round that is under way, and no other comes after it', async () => {
    const { state, begin, end } = work();
    rounds.every(PAUSE_SECONDS, 'test', begin);
    rounds.onApplicationBootstrap();
    await pass(PAUSE_SECONDS);
    let stopped = false;
    const stop = rounds.beforeApplicationShutdown().then(() => { stopped = true; });
    await pass(60);
    expect(stopped).toBe(false);
    await end();
    await stop;
    await pass(60);
    expect([stopped, state.begun, jest.getTimerCount()]).toEqual([true, 1, 0]);
  });
});
