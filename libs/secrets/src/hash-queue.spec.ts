import { setImmediate } from 'node:timers/promises';
import { HashQueue } from './hash-queue.js';

/** Hashes that end when the test says so. */
class Work {
  readonly begun: number[] = [];
  private readonly ends: ((error?: Error) => void)[] = [];

  add(queue: HashQueue, name: number): Promise<number> {
    return queue.run(() => {
      this.begun.push(name);
      return new Promise<number>((resolve, reject) => this.ends.push((error) => (error ? reject(error) : resolve(name))));
    });
  }

  async endNext(error?: Error): Promise<void> {
    this.ends.shift()?.(error);
    await setImmediate();
  }
}

const overloaded = { code: 'overloaded', details: { retryAfter: 1 } };

describe('the queue of password hashes', () => {
  it('computes as many at once as there are cores, and the others in the order in which they came', async () => {
    const queue = new HashQueue(2);
    const work = new Work();
    const results = [1, 2, 3, 4].map((name) => work.add(queue, name));
    await setImmediate();
    expect(work.begun).toEqual([1, 2]);

    await work.endNext();
    expect(work.begun).toEqual([1, 2, 3]);

    await work.endNext();
    await work.endNext();
    await work.endNext();
    expect(await Promise.all(results)).toEqual([1, 2, 3, 4]);
  });

  it('lets a second of work wait and refuses what is beyond at once', async () => {
    const queue = new HashQueue(2);
    const work = new Work();
    // 225 ms each on two cores: two run, eight wait (900 ms), a ninth would be the second's end.
    const admitted = Array.from({ length: 10 }, (_, name) => work.add(queue, name));

    await expect(work.add(queue, 10)).rejects.toMatchObject(overloaded);
    expect(() => queue.assertRoom()).toThrow(expect.objectContaining(overloaded));

    for (const _ of admitted) await work.endNext();
    expect(await Promise.all(admitted)).toHaveLength(10);
    expect(() => queue.assertRoom()).not.toThrow();
  });

  it('gives the place of a failed hash to the next one', async () => {
    const queue = new HashQueue(1);
    const work = new Work();
    const failing = work.add(queue, 1);
    const next = work.add(queue, 2);
    const failure = expect(failing).rejects.toThrow('broken');
    await setImmediate();

    await work.endNext(new Error('broken'));
    await failure;
    await work.endNext();

    expect(await next).toBe(2);
    expect(work.begun).toEqual([1, 2]);
  });

  it('lets nobody slip in between the end of one and the beginning of the next', async () => {
    const queue = new HashQueue(1);
    let running = 0;
    let most = 0;
    const hash = async () => {
      most = Math.max(most, (running += 1));
      await setImmediate();
      running -= 1;
    };
    await Promise.all([queue.run(hash), queue.run(hash).then(() => queue.run(hash)), queue.run(hash)]);

    expect(most).toBe(1);
  });

  it('learns how fast this machine is', async () => {
    const queue = new HashQueue(1);
    for (let count = 0; count < 40; count += 1) await queue.run(() => Promise.resolve());

    const work = new Work();
    const admitted = Array.from({ length: 100 }, (_, name) => work.add(queue, name));
    await setImmediate();
    for (const _ of admitted) await work.endNext();

    expect(await Promise.all(admitted)).toHaveLength(100);
  });

  it('always has room for a hash that can begin now, however slow hashes are', async () => {
    const queue = new HashQueue(1, 0);

    expect(await queue.run(() => Promise.resolve('hash'))).toBe('hash');
  });
});
