import type { SendMailOptions } from 'nodemailer';
import { renderHtml } from './html.js';
import type { Letter } from './letter.js';
import type { Mail } from './mail.js';
import { renderText } from './plain-text.js';

/** A mail as a transport takes it. */
export interface OutgoingMail {
  readonly id: string;
  readonly date: Date;
  readonly options: SendMailOptions;
}

export function toOutgoing(mail: Mail, letter: Letter, date: Date): OutgoingMail {
  const { brand, to } = mail;
  const options: SendMailOptions = {
    // Said apart from the headers, so that no header can add a recipient.
    envelope: { from: brand.fromEmail, to: [to.email] },
    from: { name: brand.productName, address: brand.fromEmail },
    replyTo: brand.supportEmail,
    to: { name: to.name ?? '', address: to.email },
    subject: letter.subject,
    date,
    // The same at each try: a mail server that took the first one may drop the second.
    messageId: `<${mail.id}@${brand.fromEmail.slice(brand.fromEmail.lastIndexOf('@') + 1)}>`,
    headers: {
      // RFC 3834 §5: no automatic reply to an automatic mail; the second is for Exchange, which does not read the first.
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      'Content-Language': letter.locale,
    },
    text: renderText(letter),
    html: renderHtml(letter, brand),
    textEncoding: 'quoted-printable',
    disableFileAccess: true,
    disableUrlAccess: true,
  };
  return { id: mail.id, date, options };
}
