import { mergePatch } from './merge-patch.js';

describe('a merge patch', () => {
  // The examples of RFC 7396, Appendix A, whose target and patch are objects.
  it.each([
    ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
    ['{"a":"b"}', '{"a":null}', '{}'],
    ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
    ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
    ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
    ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
    ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
    ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
    // And what it says of arrays: they are replaced whole, with what stands in them.
    ['{"a":[1,2,3]}', '{"a":[null]}', '{"a":[null]}'],
    ['{"a":{"b":1}}', '{"a":{}}', '{"a":{"b":1}}'],
    ['{"a":1}', '{"toString":2}', '{"a":1,"toString":2}'],
    ['{"a":1}', '{}', '{"a":1}'],
  ])('of %s by %s is %s', (target, patch, merged) => {
    expect(mergePatch(JSON.parse(target) as never, JSON.parse(patch) as never)).toEqual(JSON.parse(merged));
  });

  it('leaves its target as it was', () => {
    const target = { a: { b: 1 } };
    expect(mergePatch(target, { a: { b: null, c: 2 } })).toEqual({ a: { c: 2 } });
    expect(target).toEqual({ a: { b: 1 } });
  });
});
