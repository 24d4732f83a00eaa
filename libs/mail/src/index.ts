export type { AboutToken, Brand, Mail, MailMessage } from './mail.js';
export { Mailer } from './mailer.js';
export { MailModule } from './mail.module.js';
export { oneLine } from './shown-name.js';
