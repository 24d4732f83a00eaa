import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as jest from '@jest/test-sequencer';

const require = createRequire(import.meta.url);
const { default: Sequencer } = require('@jest/test-sequencer') as typeof jest.default;

type Tests = Parameters<InstanceType<typeof Sequencer>['sort']>[0];

/** What a file asks of Jest's patience says how long it takes, before any run has measured it. */
function patience(path: string): number {
  const asked = /^jest\.setTimeout\(([\d_]+)\)/m.exec(readFileSync(path, 'utf8'))?.[1] ?? '0';
  return Number(asked.replaceAll('_', ''));
}

/** A long file that starts last keeps one core busy and leaves the others idle: on a clean clone too, those start first. */
export default class LongestFirst extends Sequencer {
  override async sort(tests: Tests): Promise<Tests> {
    const sorted = await super.sort(tests);
    if (sorted.some(({ duration }) => duration !== undefined)) return sorted;
    const asked = new Map(sorted.map(({ path }) => [path, patience(path)]));
    return sorted.sort((one, other) => (asked.get(other.path) ?? 0) - (asked.get(one.path) ?? 0));
  }
}
