import { Test } from '@nestjs/testing';
import { LOCALES, type Locale } from '#domain';
import { LocaleModule, Translator } from '#locale';
import Handlebars from 'handlebars';
import { composeLetter } from './letter.js';
import type { Brand, Mail, MailMessage } from './mail.js';
import { toOutgoing } from './outgoing.js';

const brand: Brand = {
  productName: 'Správce GDPR',
  fromEmail: 'no-reply@spravce-gdpr.cz',
  supportEmail: 'podpora@spravce-gdpr.cz',
  logoUrl: 'https://spravce-gdpr.cz/logo.png?a=1&b=2',
  primaryColor: '#1D4ED8',
};
const link = 'https://app.spravce-gdpr.cz/reset?token=abc123&lang=cs';

const aboutToken = { name: 'Eva Malá', tokenName: 'CLI – laptop', ownerName: 'Jan Novák', organizationName: 'Acme s.r.o.' };
const expiresAt = '2027-01-31T23:59:00.000Z';
/** That moment, as each language writes it. */
const EXPIRY: Readonly<Record<Locale, string>> = {
  cs: '31. ledna 2027 v 23:59:00 UTC',
  de: '31. Januar 2027 um 23:59:00 UTC',
  en: 'January 31, 2027 at 11:59:00 PM UTC',
};

const messages: MailMessage[] = [
  { template: 'password_reset', name: 'Jan Novák', link, expiresInMinutes: 60 },
  { template: 'invitation', inviterName: 'Eva Malá', organizationName: 'Acme s.r.o.', link, expiresInDays: 7 },
  { template: 'password_changed', name: 'Jan Novák' },
  { template: 'token_expiring', ...aboutToken, days: 7, expiresAt },
  { template: 'token_rotated', ...aboutToken, actorName: 'Petr Dvořák' },
  { template: 'token_revoked', ...aboutToken, actorName: 'Petr Dvořák' },
  {
    template: 'security_alert', type: 'leaked_credential', subject: { type: 'workspace_token', name: 'CI', tokenPrefix: 'wksp_7d5c9c1a' }, organizationName: 'Acme s.r.o.',
    ip: '203.0.113.7', count: 1, sourceUrl: 'a paste', at: expiresAt, link,
  },
  { template: 'notifications', name: 'Eva Malá', organizationName: 'Acme s.r.o.', told: [{ title: 'Přiřazeno', message: 'CORE-1' }], untold: 4, link },
];

const mailOf = (locale: Locale, message: MailMessage, over: Partial<Mail> = {}): Mail => ({
  id: 'm-1',
  to: { name: 'Jan Novák', email: 'jan@acme.cz' },
  locale,
  brand,
  message,
  ...over,
});

/** What it is about and which kind of thing that is, are words of the catalog. */
const NAMED_OTHERWISE: readonly unknown[] = ['leaked_credential', 'workspace_token'];

/** With spaces that may be broken at. */
const spaced = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');
const unescape = (html: string) => spaced(html).replace(/&#x3D;/g, '=').replace(/&amp;/g, '&');
const count = (text: string, part: string) => text.split(part).length - 1;

describe('a mail', () => {
  let translator: Translator;

  beforeAll(async () => {
    const module = await Test.createTestingModule({ imports: [LocaleModule] }).compile();
    translator = module.get(Translator);
  });

  const render = (mail: Mail) => {
    const { options } = toOutgoing(mail, composeLetter(mail, translator), new Date(0));
    return { subject: options.subject as string, text: options.text as string, html: options.html as string };
  };

  describe.each(LOCALES)('in %s', (locale) => {
    it.each(messages.map((message) => [message.template, message] as const))('says everything a %s has to say', (_, message) => {
      const { subject, text, html } = render(mailOf(locale, message));

      for (const part of [subject, text, html.replace(/<style>.*<\/style>/s, '')]) {
        expect(part).toContain('Správce GDPR');
        expect(part).not.toMatch(/kiket/i);
        expect(part).not.toMatch(/\{|\}|undefined|null|\[object/);
      }
      expect(html).toContain(`<html lang="${locale}">`);
      for (const value of Object.values(message).flatMap((value: unknown) => (Array.isArray(value) ? value.flatMap((one: object) => Object.values(one) as unknown[]) : typeof value === 'object' && value !== null ? (Object.values(value) as unknown[]) : [value]))) {
        if (value === message.template || value === link || NAMED_OTHERWISE.includes(value)) continue;
        const said = value === expiresAt ? EXPIRY[locale] : String(value);
        expect(spaced(`${subject}\n${text}`)).toContain(said);
        expect(unescape(html)).toContain(said);
      }
      expect(text).toContain('podpora@spravce-gdpr.cz');
      expect(html).toContain('podpora@spravce-gdpr.cz');
      const linked = 'link' in message ? 1 : 0;
      expect(count(text, link)).toBe(linked);
      expect(text.split('\n').filter((line) => line === link)).toHaveLength(linked);
      expect(count(unescape(html), `href="${link}"`)).toBe(linked);
    });
  });

  it('speaks the recipient’s language', () => {
    const subjects = LOCALES.map((locale) => render(mailOf(locale, messages[0]!)).subject);
    expect(subjects).toEqual(['Správce GDPR: obnovení hesla', 'Správce GDPR: Passwort zurücksetzen', 'Reset your Správce GDPR password']);
  });

  it('counts in the grammar of its language', () => {
    const days = (expiresInDays: number) => render(mailOf('cs', { ...messages[1]!, expiresInDays } as MailMessage)).text;
    expect(days(1)).toContain('platí 1 den ');
    expect(days(2)).toContain('platí 2 dny ');
    expect(days(7)).toContain('platí 7 dní ');
    const ends = (locale: Locale, left: number) => render(mailOf(locale, { template: 'token_expiring', ...aboutToken, days: left, expiresAt })).text;
    expect(ends('cs', 1)).toContain('To je za 1 den.');
    expect(ends('cs', 2)).toContain('To je za 2 dny.');
    expect(ends('cs', 7)).toContain('To je za 7 dní.');
    expect([ends('de', 1), ends('en', 1)]).toEqual([expect.stringContaining('Das ist in 1 Tag.'), expect.stringContaining('That is in 1 day.')]);
  });

  it('escapes whatever somebody typed', () => {
    const evil = '<img src=x onerror=alert(1)>"\'&';
    const { html } = render(
      mailOf('en', { template: 'invitation', inviterName: evil, organizationName: evil, link, expiresInDays: 7 }, { brand: { ...brand, productName: evil } }),
    );
    expect(html).not.toContain('<img src=x');
    expect(html).toContain(Handlebars.escapeExpression(evil));
  });

  it('makes no link of a name, and lets no name break a line or fill a page', () => {
    const { subject, text, html } = render(
      mailOf('en', {
        template: 'invitation',
        inviterName: 'Win a prize at https://evil.example/x\r\nBcc: all@acme.cz',
        organizationName: `evil.com ${'x'.repeat(5_000)}`,
        link,
        expiresInDays: 7,
      }),
    );
    expect(subject).not.toMatch(/[\r\n]/);
    for (const part of [subject, text, html]) {
      expect(part).not.toContain('evil.com');
      expect(part).not.toContain('https://evil');
      expect(part).not.toContain('\nBcc');
      expect(part).not.toContain('x'.repeat(100));
    }
  });

  it.each(['token_expiring', 'token_rotated', 'token_revoked', 'security_alert', 'notifications'] as const)('makes nothing of the names in a %s either', (template) => {
    const names = {
      name: 'Eva https://evil.example/x',
      tokenName: 'evil.com\r\nBcc: all@acme.cz',
      ownerName: '<img src=x onerror=alert(1)>',
      organizationName: `o.evil.com ${'x'.repeat(5_000)}`,
      actorName: 'Petr https://evil.example/x',
      type: 'leaked_credential' as const,
      subject: { type: 'workspace_token' as const, name: 'CI evil.com\r\nBcc: all@acme.cz', tokenPrefix: null },
      sourceUrl: `https://evil.example/x evil.com\r\nBcc: all@acme.cz ${'x'.repeat(5_000)}`,
      ip: '203.0.113.7',
      count: 3,
      at: expiresAt,
      told: [{ title: 'https://evil.example', message: `evil.com\r\nBcc: all@acme.cz ${'x'.repeat(5_000)}` }],
      untold: 0,
      link,
    };
    const { subject, text, html } = render(mailOf('en', { template, ...names, days: 7, expiresAt }));
    expect(subject).not.toMatch(/[\r\n]/);
    expect(html).not.toContain('<img src=x');
    for (const part of [subject, text, html]) {
      expect(part).not.toContain('evil.com');
      expect(part).not.toContain('https://evil');
      expect(part).not.toContain('\nBcc');
      expect(part).not.toContain('x'.repeat(template === 'notifications' || template === 'security_alert' ? 500 : 100));
    }
  });

  it('shows a logo by https only, and the product’s name without one', () => {
    const html = (logoUrl: string | undefined) => render(mailOf('en', messages[0]!, { brand: { ...brand, logoUrl } })).html;
    expect(unescape(html(brand.logoUrl))).toContain(`<img src="${brand.logoUrl}" alt="Správce GDPR"`);
    for (const url of [undefined, 'http://x.cz/a.png', 'javascript:alert(1)', 'nonsense']) expect(html(url)).not.toContain('<img');
  });

  it('wears the brand’s colour only if it is one', () => {
    const html = (primaryColor: string) => render(mailOf('en', messages[0]!, { brand: { ...brand, primaryColor } })).html;
    expect(html('#1D4ED8')).toContain('bgcolor="#1d4ed8"');
    expect(html('red;background:url(https://evil.example)')).not.toContain('evil');
    expect(html('red')).toContain('bgcolor="#334155"');
    expect(html('#ffee00')).toContain('color:#000000;text-decoration');
    expect(html('#1D4ED8')).toContain('color:#ffffff;text-decoration');
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', '/reset', 'ftp://x.cz/'])('does not link to %s', (elsewhere) => {
    expect(() => render(mailOf('en', { ...messages[0]!, link: elsewhere } as MailMessage))).toThrow();
  });
});
