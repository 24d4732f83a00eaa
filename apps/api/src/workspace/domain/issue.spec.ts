import { Issue } from './issue.js';
import { STATES, leads } from './workflow.js';

const now = new Date('2026-11-24T12:00:00Z');
const later = new Date('2026-11-25T12:00:00Z');
const place = { organizationId: 1, projectId: 2, number: 42, createdById: 7 };
const issue = (status?: (typeof STATES)[number], id = 100) => Object.assign(Issue.open(place, { title: 'Access request' }, status, now), { id });

/** The code by which something is refused, and the field that it names; undefined where it is not. */
function refused(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    const [fault] = (error as { details: { faults: { field: string; code: string }[] } }).details.faults;
    return `${fault?.field}:${fault?.code}`;
  }
}

describe('an issue', () => {
  it('begins in the backlog, as nobody’s, hanging on nothing', () => {
    expect(issue()).toEqual({
      ...place, id: 100, title: 'Access request', description: null, status: 'backlog', assigneeId: null, priority: null, labels: [], issueType: null, parentId: null,
      milestoneId: null, dueAt: null, customFields: {}, createdAt: now, updatedAt: now,
    });
  });

  it.each(STATES)('may begin as %s', (status) => {
    expect(issue(status).status).toBe(status);
  });

  it('changes in what is said and in nothing else', () => {
    const changed = issue();
    changed.update({ title: 'Renamed', labels: ['a'] }, later);
    expect(changed).toEqual({ ...issue(), title: 'Renamed', labels: ['a'], updatedAt: later });
    const unchanged = issue();
    unchanged.update({}, later);
    expect(unchanged).toEqual(issue());
  });

  it('is assigned to one person, or to nobody', () => {
    const assigned = issue();
    assigned.assignTo(7, later);
    expect([assigned.assigneeId, assigned.updatedAt]).toEqual([7, later]);
    assigned.assignTo(null, later);
    expect(assigned.assigneeId).toBeNull();
  });

  it('aims at one milestone, or at none', () => {
    const aiming = issue();
    aiming.aimAt(3, later);
    expect([aiming.milestoneId, aiming.updatedAt]).toEqual([3, later]);
    aiming.aimAt(null, later);
    expect(aiming.milestoneId).toBeNull();
  });
});

describe('a move', () => {
  it.each(STATES.flatMap((from) => STATES.map((to) => [from, to, leads(from, to)] as const)))('from %s to %s: %s', (from, to, allowed) => {
    const moving = issue(from);
    expect(refused(() => moving.moveTo(to, later, 'status'))).toBe(allowed ? undefined : 'status:unreachable');
    expect([moving.status, moving.updatedAt]).toEqual(allowed ? [to, later] : [from, now]);
  });

  it('is refused by the name of the field that asked for it', () => {
    expect(refused(() => issue().moveTo('done', later, 'state'))).toBe('state:unreachable');
  });
});

describe('a parent', () => {
  it.each([
    ['another that hangs on nothing', { id: 1, ancestorIds: [] }, undefined],
    ['another that hangs on others', { id: 1, ancestorIds: [2, 3] }, undefined],
    ['none', null, undefined],
    ['itself', { id: 100, ancestorIds: [] }, 'parent_id:circular'],
    ['its child', { id: 1, ancestorIds: [100] }, 'parent_id:circular'],
    ['its grandchild', { id: 1, ancestorIds: [2, 100, 3] }, 'parent_id:circular'],
  ])('may be %s', (_, parent, fault) => {
    const hanging = issue();
    expect(refused(() => hanging.hangOn(parent, later))).toBe(fault);
    expect(hanging.parentId).toBe(fault === undefined && parent !== null ? parent.id : null);
    expect(hanging.updatedAt).toBe(fault === undefined ? later : now);
  });
});

describe('custom fields', () => {
  const fields = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`field ${index}`, index]));

  it('are merged into those that there are', () => {
    const custom = issue();
    custom.customize({ a: 1, b: { c: 2 } }, now);
    custom.customize({ a: null, b: { d: 3 } }, later);
    expect([custom.customFields, custom.updatedAt]).toEqual([{ b: { c: 2, d: 3 } }, later]);
  });

  it.each([
    ['fifty', fields(50), undefined],
    ['fifty-one', fields(51), 'custom_fields:too_many'],
    ['a hundred thousand characters', { a: 'x'.repeat(100_000 - '{"a":""}'.length) }, undefined],
    ['one more', { a: 'x'.repeat(100_001 - '{"a":""}'.length) }, 'custom_fields:too_long'],
  ])('may be %s', (_, patch, fault) => {
    const custom = issue();
    expect(refused(() => custom.customize(patch, later))).toBe(fault);
    expect(custom.customFields).toEqual(fault === undefined ? patch : {});
  });
});
