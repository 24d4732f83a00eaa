import { join } from 'node:path';
import { Global, Module } from '@nestjs/common';
import { Config } from '#config';
import { FileTransport } from './file-transport.js';
import { MailTransport } from './mail-transport.js';
import { Mailer } from './mailer.js';
import { SmtpTransport } from './smtp-transport.js';

/** By SMTP where SMTP_URL is set, else as files in DATA_DIR/mail. */
@Global()
@Module({
  providers: [
    Mailer,
    {
      provide: MailTransport,
      inject: [Config],
      useFactory: (config: Config): MailTransport =>
        config.smtpUrl === undefined ? new FileTransport(join(config.dataDir, 'mail')) : new SmtpTransport(config.smtpUrl),
    },
  ],
  exports: [Mailer],
})
export class MailModule {}
