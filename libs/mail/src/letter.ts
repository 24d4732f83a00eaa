import type { Locale } from '#domain';
import type { SentenceKey, SentenceParams, Translator } from '#locale';
import type { AboutToken, Mail } from './mail.js';
import { shownName, shownText } from './shown-name.js';

/** A mail in words, before it has a form. */
export interface Letter {
  readonly locale: Locale;
  readonly subject: string;
  readonly greeting: string;
  readonly lead: string;
  readonly action: { readonly label: string; readonly link: string; readonly hint: string } | null;
  readonly notes: readonly string[];
  readonly footer: readonly string[];
}

type Say = (key: SentenceKey, params?: SentenceParams) => string;

export function composeLetter(mail: Mail, translator: Translator): Letter {
  const { brand, locale, message } = mail;
  const { productName, supportEmail } = brand;
  const say: Say = (key, params) => translator.sentence(locale, key, params);
  const support = say('mail.letter.support', { supportEmail });
  const sentBy = say('mail.letter.sent_by', { productName });

  switch (message.template) {
    case 'password_reset': {
      const name = shownName(message.name);
      return {
        locale,
        subject: say('mail.password_reset.subject', { productName }),
        greeting: say('mail.password_reset.greeting', { name }),
        lead: say('mail.password_reset.lead', { productName, name }),
        action: action(say, 'mail.password_reset.button', message.link),
        notes: [say('mail.password_reset.expiry', { minutes: message.expiresInMinutes }), say('mail.password_reset.ignore')],
        footer: [support, sentBy],
      };
    }
    case 'invitation': {
      const inviterName = shownName(message.inviterName);
      const organizationName = shownName(message.organizationName);
      return {
        locale,
        subject: say('mail.invitation.subject', { productName, organizationName }),
        greeting: say('mail.invitation.greeting'),
        lead: say('mail.invitation.lead', { productName, organizationName, inviterName }),
        action: action(say, 'mail.invitation.button', message.link),
        notes: [say('mail.invitation.expiry', { days: message.expiresInDays }), say('mail.invitation.ignore')],
        footer: [support, sentBy],
      };
    }
    case 'password_changed': {
      const name = shownName(message.name);
      return {
        locale,
        subject: say('mail.password_changed.subject', { productName }),
        greeting: say('mail.password_changed.greeting', { name }),
        lead: say('mail.password_changed.lead', { productName, name }),
        action: null,
        notes: [say('mail.password_changed.warning', { supportEmail })],
        footer: [sentBy],
      };
    }
    case 'token_expiring': {
      const about = aboutToken(message);
      const expiresAt = inWords(new Date(message.expiresAt), locale);
      return {
        locale,
        subject: say('mail.token_expiring.subject', { productName, tokenName: about.tokenName }),
        greeting: say('mail.token_expiring.greeting', about),
        lead: say('mail.token_expiring.lead', { ...about, expiresAt }),
        action: null,
        notes: [say('mail.token_expiring.days', { days: message.days }), say('mail.token_expiring.advice')],
        footer: [support, sentBy],
      };
    }
    case 'token_rotated':
    case 'token_revoked': {
      const { template } = message;
      const about = { ...aboutToken(message), actorName: shownName(message.actorName) };
      return {
        locale,
        subject: say(`mail.${template}.subject`, { productName, tokenName: about.tokenName }),
        greeting: say(`mail.${template}.greeting`, about),
        lead: say(`mail.${template}.lead`, about),
        action: null,
        notes: [say(`mail.${template}.advice`, { supportEmail, actorName: about.actorName })],
        footer: [sentBy],
      };
    }
    case 'security_alert': {
      const { type, subject, link } = message;
      const organizationName = shownName(message.organizationName);
      const title = say(`alerts.types.${type}.title`);
      const shown = subject.type === 'address' ? subject.name : shownName(subject.name);
      const name = say(`alerts.subjects.${subject.type}`, { name: shown });
      const told = say(`alerts.types.${type}.message`, {
        subject: subject.tokenPrefix === null ? name : `${name} (${subject.tokenPrefix})`,
        ip: message.ip ?? '–',
        count: String(message.count),
        source: shownText(message.sourceUrl ?? '–'),
      });
      return {
        locale,
        subject: say('mail.security_alert.subject', { productName, title, subject: shown }),
        greeting: say('mail.security_alert.greeting'),
        lead: told,
        action: link === null ? null : action(say, 'mail.security_alert.button', link),
        notes: [
          say('mail.security_alert.organization', { organizationName }),
          say('mail.security_alert.when', { when: inWords(new Date(message.at), locale) }),
          ...(link === null ? [] : [say('mail.security_alert.link_note')]),
          say('mail.security_alert.advice', { supportEmail }),
        ],
        footer: [sentBy],
      };
    }
    case 'trial_ending':
    case 'payment_failed': {
      const { template, link } = message;
      const about = { name: shownName(message.name), organizationName: shownName(message.organizationName), endsAt: inWords(new Date(message.endsAt), locale) };
      return {
        locale,
        subject: say(`mail.${template}.subject`, { productName, ...about }),
        greeting: say(`mail.${template}.greeting`, about),
        lead: say(`mail.${template}.lead`, { productName, ...about }),
        action: action(say, `mail.${template}.button`, link),
        notes: [say(`mail.${template}.advice`, about)],
        footer: [support, sentBy],
      };
    }
    case 'notifications': {
      const { told, untold, link } = message;
      const organizationName = shownName(message.organizationName);
      return {
        locale,
        subject: say('mail.notifications.subject', { productName, count: told.length + untold }),
        greeting: say('mail.notifications.greeting', { name: shownName(message.name) }),
        lead: say('mail.notifications.lead', { organizationName }),
        action: action(say, 'mail.notifications.button', link, { productName }),
        notes: [
          ...told.map((one) => `${shownName(one.title)}: ${shownText(one.message)}`),
          ...(untold === 0 ? [] : [say('mail.notifications.untold', { untold })]),
          say('mail.notifications.preferences', { name: shownName(message.name) }),
        ],
        footer: [support, sentBy],
      };
    }
  }
}

function aboutToken({ name, tokenName, ownerName, organizationName }: AboutToken) {
  return { name: shownName(name), tokenName: shownName(tokenName), ownerName: shownName(ownerName), organizationName: shownName(organizationName) };
}

/** A moment as the reader writes it, in UTC, since nobody told us where they are. */
function inWords(moment: Date, locale: Locale): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'long', timeZone: 'UTC' }).format(moment);
}

function action(say: Say, label: SentenceKey, link: string, params?: SentenceParams): Letter['action'] {
  const { protocol } = new URL(link);
  if (protocol !== 'https:' && protocol !== 'http:') throw new TypeError('A mail links to the web only.');
  return { label: say(label, params), link, hint: say('mail.letter.link_hint') };
}
