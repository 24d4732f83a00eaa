import { RememberedSignatures } from './remembered-signatures.js';

describe('remembered signatures', () => {
  it('knows what was added and nothing else', () => {
    const remembered = new RememberedSignatures();
    remembered.add('one');

    expect(remembered.has('one')).toBe(true);
    expect(remembered.has('One')).toBe(false);
  });

  it('never grows beyond its capacity and forgets the least recently seen first', () => {
    const remembered = new RememberedSignatures(2);
    remembered.add('one');
    remembered.add('two');
    remembered.has('one');
    remembered.add('three');

    expect(remembered.has('two')).toBe(false);
    expect(remembered.has('one')).toBe(true);
    expect(remembered.has('three')).toBe(true);
  });
});
