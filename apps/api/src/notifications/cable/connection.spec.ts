import { type Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { Connection } from './connection.js';

const MOST = 3;
const WINDOW_MS = 10_000;

const connection = () => new Connection('1', {} as WebSocket, {} as Duplex, 'v1');

/** Which of the commands at these moments are admitted. */
function admitted(moments: readonly number[]): boolean[] {
  const one = connection();
  return moments.map((moment) => one.admits(moment, MOST, WINDOW_MS));
}

describe('a connection’s commands', () => {
  it('are as many in any window of time as they may be, and not one more', () => {
    expect(admitted([0, 0, 0, 0])).toEqual([true, true, true, false]);
    expect(admitted([0, 4_000, 8_000, 9_999])).toEqual([true, true, true, false]);
  });

  it('are admitted again as soon as the oldest of them is a window ago, and no sooner', () => {
    expect(admitted([0, 4_000, 8_000, 10_000, 13_999])).toEqual([true, true, true, true, false]);
    expect(admitted([0, 4_000, 8_000, 10_000, 14_000, 18_000])).toEqual([true, true, true, true, true, true]);
  });
});
