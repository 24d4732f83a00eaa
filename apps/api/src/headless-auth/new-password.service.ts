import { Injectable } from '@nestjs/common';
import { Clock } from '#clock';
import { Mailer } from '#mail';
import { LoginTicketRepository } from './storage/login-ticket.repository.js';
import { PasswordRepository } from './storage/password.repository.js';
import { PasswordResetRepository } from './storage/password-reset.repository.js';
import { SessionRepository } from './storage/session.repository.js';
import { Secrets } from '#secrets';
import { type Product, Products } from '../products/index.js';
import type { User } from '../workspace/index.js';

/** What a new password brings with it, whichever way it comes: the old sessions end, what was pending too, and the owner is told. */
@Injectable()
export class NewPasswords {
  constructor(
    private readonly stored: PasswordRepository,
    private readonly resets: PasswordResetRepository,
    private readonly tickets: LoginTicketRepository,
    private readonly sessions: SessionRepository,
    private readonly products: Products,
    private readonly mailer: Mailer,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
  ) {}

  /** In the transaction under way, which has locked the user. `keptSessionId` is the one that asked, if any. The number of sessions that ended. */
  async set(user: User, hash: string, product: Product, keptSessionId: number | null): Promise<number> {
    const now = this.clock.now();
    await this.stored.put(user.id, hash, now);
    await this.resets.forget(user.id);
    await this.tickets.forget(user.id);
    const ended = await this.sessions.revokeAllOf(user.id, now, keptSessionId);
    await this.mailer.deliver({
      id: this.secrets.randomId(),
      to: { name: user.name, email: user.email },
      locale: user.locale,
      brand: this.products.brandOf(product),
      message: { template: 'password_changed', name: user.name },
    });
    return ended.length;
  }
}
