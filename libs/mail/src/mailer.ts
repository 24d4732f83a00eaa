import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '#clock';
import { invalid } from '#domain';
import { Jobs } from '#jobs';
import { Translator } from '#locale';
import { composeLetter } from './letter.js';
import type { Mail } from './mail.js';
import { MAIL_QUEUE } from './mail-queue.js';
import { MailTransport } from './mail-transport.js';
import { toOutgoing } from './outgoing.js';

/** One mailbox: nothing in it that a header or an SMTP command would read as two addresses or as a second line. */
const ONE_ADDRESS = /^[^\s@<>()[\]\\,;:"\p{Cc}]{1,64}@[^\s@<>()[\]\\,;:"\p{Cc}]{1,255}$/u;
const PLAIN_ID = /^[A-Za-z0-9._-]{1,100}$/;

/** Mails of the product's brand, in the recipient's language. */
@Injectable()
export class Mailer implements OnModuleInit {
  constructor(
    private readonly jobs: Jobs,
    private readonly clock: Clock,
    private readonly translator: Translator,
    private readonly transport: MailTransport,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(MAIL_QUEUE, (mail) => this.send(mail));
  }

  /** Goes out after the transaction under way commits, and never if it does not. @throws DomainError for what is not one address. */
  async deliver(mail: Mail): Promise<void> {
    if (!ONE_ADDRESS.test(mail.to.email)) throw invalid({ field: 'email', code: 'invalid' });
    if (!PLAIN_ID.test(mail.id)) throw new TypeError('A mail needs a plain id.');
    await this.jobs.enqueue(MAIL_QUEUE, mail);
  }

  private async send(mail: Mail): Promise<void> {
    await this.transport.send(toOutgoing(mail, composeLetter(mail, this.translator), this.clock.now()));
  }
}
