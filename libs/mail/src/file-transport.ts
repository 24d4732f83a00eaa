import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { MailTransport } from './mail-transport.js';
import type { OutgoingMail } from './outgoing.js';

/** Into a folder, one `.eml` file each (RFC 5322), for a machine without a mail server. */
export class FileTransport extends MailTransport {
  private readonly composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });

  constructor(private readonly folder: string) {
    super();
  }

  async send({ id, date, options }: OutgoingMail): Promise<void> {
    const { message } = await this.composer.sendMail(options);
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const name = `${date.toISOString().replace(/[:.]/g, '-')}-${id}.eml`;
    const draft = join(this.folder, `.${name}.draft`);
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(message as Buffer);
      await file.sync();
    } finally {
      await file.close();
    }
    // Whoever looks into the folder sees a whole mail or none.
    await rename(draft, join(this.folder, name));
  }
}
