import type { OutgoingMail } from './outgoing.js';

/** How mails leave; also the injection token. */
export abstract class MailTransport {
  /** @throws where the mail was not accepted; without a word of the mail in the error, which is logged. */
  abstract send(mail: OutgoingMail): Promise<void>;
}
