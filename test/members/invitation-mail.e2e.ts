import { type Person, World } from '../support/world.js';
import { invite } from './invitations.js';

let world: World;
let czech: Person;
let german: Person;
beforeAll(async () => {
  world = await World.start();
  czech = await world.register({ name: 'Jan Novák', organization: 'Acme s.r.o.' });
  german = await world.register({ name: 'Jörg Weiß', organization: 'Weiß & Söhne', product: 'kanzlei' });
});
afterAll(async () => {
  await world.stop();
});

it('wears the product’s brand and nothing of Kiket, and leads to the product’s own page', async () => {
  const { mail, token } = await invite(world, czech);
  expect(mail.from?.value).toEqual([{ name: 'Správce GDPR', address: 'noreply@spravce-gdpr.cz' }]);
  expect(mail.replyTo?.value[0]?.address).toBe('podpora@spravce-gdpr.cz');
  expect(mail.subject).toBe('Správce GDPR: pozvánka do organizace Acme s.r.o.');
  expect(mail.text).toContain('Jan Novák vás zve do organizace Acme s.r.o.');
  expect(mail.text).toContain(`https://app.spravce-gdpr.cz/invitation?token=${token}\n`);
  expect(mail.html).toContain(`href="https://app.spravce-gdpr.cz/invitation?token&#x3D;${token}"`);
  expect(JSON.stringify([mail.subject, mail.text, mail.html, mail.from, mail.to, mail.replyTo])).not.toMatch(/kiket/i);
});

it('leads to app_url/invitation where the product names no page', async () => {
  const { mail, token } = await invite(world, await world.register({ product: 'kanzlei' }));
  expect(mail.text).toContain(`https://kanzlei.example/invitation?token=${token}\n`);
});

it('is never led elsewhere by a header of the request', async () => {
  const elsewhere = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http', forwarded: 'host=evil.example', referer: 'https://evil.example/' };
  const { mail } = await invite(world, { ...czech, client: czech.client.with(elsewhere) });
  expect(mail.text).not.toContain('evil.example');
});

describe('is written', () => {
  const toKnown = async (locale: string) => {
    const eva = await world.register({ product: 'kiket' });
    await eva.client.put('/auth/me', { locale });
    return eva.email;
  };
  it.each([
    ['in the product’s language to a stranger', () => czech, async () => world.freshEmail(), 'cs', /^Správce GDPR: pozvánka/],
    ['in German to a stranger of a German product', () => german, async () => world.freshEmail(), 'de', /^Kanzlei: Einladung/],
    ['in the language of one who is known', () => czech, async () => toKnown('en'), 'en', /^Invitation to Acme/],
    ['in the language of one who is known, of a German product too', () => czech, async () => toKnown('de'), 'de', /^Správce GDPR: Einladung/],
  ] as const)('%s, whatever the inviter reads', async (_, inviter, address, language, subject) => {
    const reader = inviter();
    const email = await address();
    const { mail } = await invite(world, { ...reader, client: reader.client.with({ 'accept-language': 'en' }) }, { email, mailedTo: email });
    expect(mail.headers.get('content-language')).toBe(language);
    expect(mail.subject).toMatch(subject);
    expect(mail.recipients).toEqual([email]);
  });
});
