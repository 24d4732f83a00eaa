import type { Writable } from 'node:stream';
import * as ws from 'ws';
import { textFrame } from './text-frame.js';

/** The types leave it out. */
const { Receiver } = ws as unknown as { Receiver: new (options: { isServer: boolean }) => Writable };

/** What a WebSocket client reads from these bytes. */
async function read(bytes: Buffer): Promise<string[]> {
  const receiver = new Receiver({ isServer: false });
  const texts: string[] = [];
  receiver.on('message', (data: Buffer) => texts.push(data.toString()));
  await new Promise<void>((resolve, reject) => {
    receiver.on('error', reject);
    receiver.write(bytes, () => resolve());
  });
  return texts;
}

it.each([0, 1, 125, 126, 127, 65_535, 65_536, 200_000])('a text frame of %d bytes is read as it was written', async (length) => {
  expect(await read(textFrame('x'.repeat(length)))).toEqual(['x'.repeat(length)]);
});

it('counts bytes, not characters, and frames follow each other', async () => {
  const texts = ['žluťoučký kůň 🐴', 'ž'.repeat(63), '{}'];
  expect(await read(Buffer.concat(texts.map(textFrame)))).toEqual(texts);
});
