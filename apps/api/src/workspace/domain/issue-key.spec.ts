import { parseIssueKey, writtenKey } from './issue-key.js';

describe('the key of an issue', () => {
  it.each([
    ['CORE-42', 'CORE', 42],
    ['A-1', 'A', 1],
    ['A1B2-2147483647', 'A1B2', 2_147_483_647],
  ])('%s is read and written alike', (written, projectKey, number) => {
    expect(parseIssueKey(written)).toEqual({ projectKey, number });
    expect(writtenKey(projectKey, number)).toBe(written);
  });

  it.each([
    '', 'CORE', 'CORE-', '-42', '42', 'core-42', 'Core-42', '1CORE-42', 'CO-RE-42', 'CORE_1-42', 'CORE-042', 'CORE-0', 'CORE--1', 'CORE-4.0', 'CORE-4e1',
    'CORE-42 ', ' CORE-42', 'CORE-42\n', 'CORE-42a', 'CORE-٤٢', 'ČORE-42', 'CORE-2147483648', 'CORE-9999999999', 'CORE-99999999999999999999', "CORE-42'--",
  ])('is none: %j', (text) => {
    expect(parseIssueKey(text)).toBeNull();
  });

  it('is missing while the project has none', () => {
    expect(writtenKey(null, 7)).toBeNull();
  });
});
