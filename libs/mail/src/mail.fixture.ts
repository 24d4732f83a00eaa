import { Test } from '@nestjs/testing';
import { LocaleModule, Translator } from '#locale';
import { composeLetter } from './letter.js';
import type { Mail } from './mail.js';
import { type OutgoingMail, toOutgoing } from './outgoing.js';

export function aMail(over: Partial<Mail> = {}): Mail {
  return {
    id: 'm-1',
    to: { name: 'Jan Novák', email: 'jan@acme.cz' },
    locale: 'cs',
    brand: { productName: 'Správce GDPR', fromEmail: 'no-reply@spravce-gdpr.cz', supportEmail: 'podpora@spravce-gdpr.cz' },
    message: { template: 'password_reset', name: 'Jan Novák', link: 'https://app.spravce-gdpr.cz/reset?token=abc123', expiresInMinutes: 60 },
    ...over,
  };
}

const locale = Test.createTestingModule({ imports: [LocaleModule] }).compile();

export async function outgoing(mail: Mail): Promise<OutgoingMail> {
  const module = await locale;
  return toOutgoing(mail, composeLetter(mail, module.get(Translator)), new Date('2026-03-04T05:06:07.890Z'));
}
