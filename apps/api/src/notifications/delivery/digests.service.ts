import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Config } from '#config';
import { Database } from '#database';
import { Rounds } from '#jobs';
import { Mailer } from '#mail';
import { Secrets } from '#secrets';
import { Products } from '../../products/index.js';
import { Members, Organizations } from '../../workspace/index.js';
import { NotificationMailRepository } from '../storage/mail.repository.js';

const PAUSE_SECONDS = 10;
/** What comes in a burst is told together. */
const COLLECTED_MS = 60_000;
/** Nobody gets two mails within this time, however much happens. */
const BETWEEN_MS = 10 * 60_000;
/** The rest is only counted: it is all in the inbox. */
const MOST_TOLD = 20;

/** One mail about all that waits for a member, instead of ten. */
@Injectable()
export class Digests implements OnModuleInit {
  constructor(
    private readonly rounds: Rounds,
    private readonly database: Database,
    private readonly mails: NotificationMailRepository,
    private readonly members: Members,
    private readonly organizations: Organizations,
    private readonly products: Products,
    private readonly mailer: Mailer,
    private readonly secrets: Secrets,
    private readonly config: Config,
  ) {}

  onModuleInit(): void {
    this.rounds.every(PAUSE_SECONDS, 'mails about notifications', async () => this.send());
  }

  /** Sends what is due, each once, whichever instance looks first. */
  async send(): Promise<void> {
    while (await this.sendNext());
  }

  private async sendNext(): Promise<boolean> {
    return this.database.transaction(async () => {
      const now = await this.database.time();
      const addressee = await this.mails.holdDue(new Date(now.getTime() - COLLECTED_MS), new Date(now.getTime() - BETWEEN_MS));
      if (addressee === null) return false;
      const waiting = await this.mails.take(addressee.membershipId, now);
      const person = await this.members.person(addressee.membershipId);
      const organization = await this.organizations.byId(addressee.organizationId);
      // Who has left is not written to.
      if (person === null || !person.isEnabled || organization === null) return true;
      const product = await this.products.byId(organization.productId);
      const [first] = waiting;
      await this.mailer.deliver({
        id: this.secrets.randomId(),
        to: { name: person.name, email: person.email },
        locale: person.locale,
        brand: this.products.brandOf(product),
        message: {
          template: 'notifications',
          name: person.name,
          organizationName: organization.name,
          told: waiting.slice(0, MOST_TOLD).map(({ title, message }) => ({ title, message })),
          untold: Math.max(0, waiting.length - MOST_TOLD),
          link: new URL((waiting.length === 1 ? first?.url : null) ?? '', product.appAddress(this.config.publicUrl)).toString(),
        },
      });
      return true;
    });
  }
}
