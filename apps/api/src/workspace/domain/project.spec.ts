import { Project } from './project.js';

const now = new Date('2026-11-24T12:00:00Z');
const later = new Date('2026-11-25T12:00:00Z');
const project = (facts: Partial<Project> = {}) => Project.start(1, { name: 'Core', ...facts }, now);

it('a new project is active, private and unnumbered, where only its name is said', () => {
  expect(project()).toMatchObject({
    organizationId: 1, name: 'Core', projectKey: null, status: 'active', visibility: 'private', leadId: null,
    workflowSyncEnabled: false, workflowAutoBoards: false, settings: {}, lastIssueNumber: 0, createdAt: now, updatedAt: now,
  });
});

it.each([
  ['2026-01-01', '2026-01-02'],
  ['2026-01-01', '2026-01-01'],
  ['2026-01-01', null],
  [null, '2026-01-01'],
  [null, null],
])('a project may run from %s to %s', (startDate, endDate) => {
  expect(project({ startDate, endDate })).toMatchObject({ startDate, endDate });
});

it('a project never ends before it starts, neither from the start on nor by a change of one day', () => {
  const fault = { code: 'validation_error', details: { faults: [{ field: 'end_date', code: 'invalid' }] } };
  const dated = () => project({ startDate: '2026-01-10', endDate: '2026-01-20' });
  expect(() => project({ startDate: '2026-01-02', endDate: '2026-01-01' })).toThrow(expect.objectContaining(fault));
  expect(() => dated().update({ endDate: '2026-01-09' }, later)).toThrow(expect.objectContaining(fault));
  expect(() => dated().update({ startDate: '2026-01-21' }, later)).toThrow(expect.objectContaining(fault));
});

it('what is not changed stays', () => {
  const core = project({ description: 'Text', projectKey: 'CORE' });
  core.update({ description: null, status: 'archived' }, later);
  expect(core).toMatchObject({ name: 'Core', projectKey: 'CORE', description: null, status: 'archived', createdAt: now, updatedAt: later });
});

it.each([
  [0, 0, 0],
  [0, 7, 7],
  [7, 3, 7],
])('whose last number is %d and takes a key that was left at %d goes on from %d', (own, left, last) => {
  const core = Object.assign(project(), { lastIssueNumber: own });
  core.numberOnFrom(left);
  expect(core.lastIssueNumber).toBe(last);
});
