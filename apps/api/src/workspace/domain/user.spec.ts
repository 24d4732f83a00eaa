import { User } from './user.js';

const now = new Date('2026-11-24T12:00:00Z');
const later = new Date('2026-11-25T12:00:00Z');
const user = (emailProven = false) => User.register({ email: 'Eva@acme.cz', canonicalEmail: 'eva@acme.cz', name: 'Eva', locale: 'cs', emailProven }, now);

it.each([
  [true, now],
  [false, null],
])('a new user whose address is proven (%s) is enabled', (proven, emailProvenAt) => {
  expect(user(proven)).toMatchObject({ isEnabled: true, emailProvenAt, createdAt: now });
});

it('the first proof of the address keeps its date', () => {
  const eva = user();
  eva.proveEmail(now);
  eva.proveEmail(later);
  expect(eva.emailProvenAt).toEqual(now);
});

it('disabled twice keeps the first date, and is over when enabled', () => {
  const eva = user();
  eva.disable(now);
  eva.disable(later);
  expect([eva.isEnabled, eva.disabledAt]).toEqual([false, now]);
  eva.enable(later);
  expect([eva.isEnabled, eva.disabledAt]).toEqual([true, null]);
});

it('what is not changed stays', () => {
  const eva = user();
  eva.update({ locale: 'de' }, later);
  expect(eva).toMatchObject({ name: 'Eva', locale: 'de', email: 'Eva@acme.cz', updatedAt: later });
});
