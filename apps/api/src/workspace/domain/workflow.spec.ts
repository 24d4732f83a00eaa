import { CATEGORIES, INITIAL_STATE, STATES, TRANSITIONS, isFinal, leads } from './workflow.js';

/** Every pair of states; an x where a single step leads from the row to the column. */
const STEPS = `
               backlog  in_progress  in_review  done  cancelled
  backlog            -            x          -     -          x
  in_progress        x            -          x     -          x
  in_review          -            x          -     x          x
  done               -            -          x     -          -
  cancelled          -            -          -     -          -`;

const [columns = [], ...rows] = STEPS.trim().split('\n').map((line) => line.trim().split(/\s+/));
const pairs = rows.flatMap(([from, ...marks]) => marks.map((mark, index) => [from, columns[index], mark === 'x'] as [string, string, boolean]));

describe('the default workflow', () => {
  it('is judged here for every pair of its states', () => {
    expect(columns).toEqual(STATES);
    expect(rows.map(([from]) => from)).toEqual(STATES);
    expect(pairs).toHaveLength(STATES.length ** 2);
  });

  it.each(pairs)('leads from %s to %s: %s', (from, to, expected) => {
    expect(leads(from as never, to as never)).toBe(expected);
  });

  it('lists each of its steps once', () => {
    const steps = TRANSITIONS.map(({ from, to }) => `${from} ${to}`);
    expect(new Set(steps).size).toBe(steps.length);
    expect(steps.sort()).toEqual(pairs.filter(([, , leadsThere]) => leadsThere).map(([from, to]) => `${from} ${to}`).sort());
  });

  it('begins in the backlog, and is over where the work is done or given up', () => {
    expect(INITIAL_STATE).toBe('backlog');
    expect(STATES.filter(isFinal)).toEqual(['done', 'cancelled']);
  });

  it('says what each state means', () => {
    expect(CATEGORIES).toEqual({ backlog: 'todo', in_progress: 'doing', in_review: 'doing', done: 'done', cancelled: 'cancelled' });
  });
});
