import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { createTransport } from 'nodemailer';
import { MailTransport } from './mail-transport.js';
import type { OutgoingMail } from './outgoing.js';

/** Each wait for the server. */
const WAIT_MS = 10_000;
/** A whole mail, also where a server trickles its answers; less than the queue's timeout, so that no second try runs beside it. */
const MAIL_MS = 40_000;

/** To a mail server (RFC 5321), over a few connections that are kept open. */
export class SmtpTransport extends MailTransport implements OnApplicationShutdown {
  private readonly transporter;

  constructor(smtpUrl: string) {
    super();
    this.transporter = createTransport({
      url: smtpUrl,
      pool: true,
      maxConnections: 5,
      connectionTimeout: WAIT_MS,
      greetingTimeout: WAIT_MS,
      socketTimeout: WAIT_MS,
      dnsTimeout: WAIT_MS,
    });
    this.transporter.on('error', (error: unknown) => new Logger('Mail').warn({ msg: 'a connection to the mail server broke', reason: reasonOf(error) }));
  }

  async send({ options }: OutgoingMail): Promise<void> {
    try {
      await this.transporter.sendMail({ ...options, signal: AbortSignal.timeout(MAIL_MS) });
    } catch (error) {
      throw new Error(`The mail server did not take it: ${reasonOf(error)}`);
    }
  }

  onApplicationShutdown(): void {
    this.transporter.close();
  }
}

/** Codes only: a server's own words may quote the address or the link. */
function reasonOf(error: unknown): string {
  const { name, code, responseCode, command } = error as Partial<Record<'name' | 'code' | 'responseCode' | 'command', unknown>>;
  return [code ?? name, responseCode, command].filter((part) => typeof part === 'string' || typeof part === 'number').join(' ');
}
