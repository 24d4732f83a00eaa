import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail extends ParsedMail {
  readonly recipients: readonly string[];
}

/** A real SMTP server that keeps what it is sent. */
export class Mailbox {
  readonly received: ReceivedMail[] = [];
  private readonly waiting = new Set<() => void>();

  private constructor(private readonly server: SMTPServer) {}

  static async open(): Promise<Mailbox> {
    const box: { mailbox?: Mailbox } = {};
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData: (stream, session, done) => {
        void simpleParser(stream).then((mail) => {
          const recipients = session.envelope.rcptTo.map(({ address }) => address);
          box.mailbox?.take({ ...mail, recipients });
          done();
        }, done);
      },
    });
    server.on('error', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    box.mailbox = new Mailbox(server);
    return box.mailbox;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.server.server.address() as AddressInfo).port}`;
  }

  /** The latest mail to an address that fits; waits for it up to half a minute. */
  async to(address: string, fits: (mail: ReceivedMail) => boolean = () => true): Promise<ReceivedMail> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const mail = this.received.findLast((one) => one.recipients.includes(address) && fits(one));
      if (mail !== undefined) return mail;
      if (Date.now() > deadline) throw new Error(`no mail to ${address} came`);
      await this.next(deadline - Date.now());
    }
  }

  /** The latest mail with a reset's link, whatever else reached the address: ten wrong passwords alone bring an alert. */
  async reset(address: string, fits: (mail: ReceivedMail) => boolean = () => true): Promise<ReceivedMail> {
    return this.to(address, (mail) => mail.text?.includes('krt_') === true && fits(mail));
  }

  /** The latest mail with an invitation's link. */
  async invitation(address: string, fits: (mail: ReceivedMail) => boolean = () => true): Promise<ReceivedMail> {
    return this.to(address, (mail) => mail.text?.includes('kin_') === true && fits(mail));
  }

  count(address: string): number {
    return this.received.filter((mail) => mail.recipients.includes(address)).length;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.server.close(resolve));
  }

  private take(mail: ReceivedMail): void {
    this.received.push(mail);
    for (const wake of this.waiting) wake();
    this.waiting.clear();
  }

  private async next(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.waiting.add(resolve);
      setTimeout(resolve, milliseconds).unref();
    });
  }
}

/** The token in a mail's link. */
export function tokenIn(mail: ReceivedMail): string {
  const token = /[?&]token=([A-Za-z0-9_]+)/.exec(mail.text ?? '')?.[1];
  if (token === undefined) throw new Error('the mail has no link with a token');
  return token;
}
