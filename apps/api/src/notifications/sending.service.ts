import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '#clock';
import { Config } from '#config';
import { Database } from '#database';
import { DomainError, invalid, type Principal } from '#domain';
import { Rounds } from '#jobs';
import { Secrets } from '#secrets';
import { Products } from '../products/index.js';
import { Members, type Reachable } from '../workspace/index.js';
import { type NotificationText, staysWithProduct } from './domain/notification.js';
import { Notifier } from './notifier.service.js';
import { IdempotencyRepository } from './storage/idempotency.repository.js';

const REMEMBERED_MS = 24 * 60 * 60 * 1000;
const PAUSE_SECONDS = 600;

export interface NewNotification extends NotificationText {
  readonly userIds: readonly number[];
}

/** Which notification went to whom. */
export interface Sent {
  readonly id: number;
  readonly user_id: number;
}

/** Notifications that an integration sends to members. */
@Injectable()
export class Sending implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly rounds: Rounds,
    private readonly notifier: Notifier,
    private readonly members: Members,
    private readonly products: Products,
    private readonly requests: IdempotencyRepository,
    private readonly secrets: Secrets,
    private readonly config: Config,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.rounds.every(PAUSE_SECONDS, 'remembered requests', async () => this.requests.forgetBefore(new Date(this.clock.now().getTime() - REMEMBERED_MS)));
  }

  /**
   * All or none of them; under one idempotency key once, for a day.
   * @throws validation_error for a link that leads away and for who is no member, idempotency_conflict for another request under the same key
   */
  async send(sender: Principal, request: NewNotification, idempotencyKey: string | undefined): Promise<Sent[]> {
    await this.mustStay(sender, request.url);
    return this.database.transaction(async () => {
      if (idempotencyKey === undefined) return this.deliver(sender, request);
      const name = { organizationId: sender.organization.id, actor: `${sender.kind}:${sender.credentialId}`, key: idempotencyKey };
      const digest = this.secrets.digest(JSON.stringify(request));
      const now = await this.database.time();
      if (await this.requests.begin(name, digest, new Date(now.getTime() - REMEMBERED_MS), now)) {
        const sent = await this.deliver(sender, request);
        await this.requests.answer(name, sent);
        return sent;
      }
      const remembered = await this.requests.remembered<Sent[]>(name);
      if (remembered === null || !remembered.digest.equals(digest)) throw new DomainError('idempotency_conflict');
      return remembered.answer;
    });
  }

  private async deliver({ organization }: Principal, { userIds, ...text }: NewNotification): Promise<Sent[]> {
    const members = await this.members.reachable(organization.id, userIds);
    const known = new Map<number, Reachable>(members.map((member) => [member.membershipId, member]));
    if (new Set(userIds).size > members.length) throw invalid({ field: 'user_ids', code: 'invalid' });
    const delivered = await this.notifier.tell(organization.id, members.map(({ membershipId }) => ({ ...text, membershipId })));
    return delivered.map(({ id, membershipId }) => ({ id, user_id: known.get(membershipId)?.userId ?? 0 }));
  }

  private async mustStay({ product }: Principal, url: string | null): Promise<void> {
    if (url === null) return;
    const appAddress = (await this.products.byId(product.id)).appAddress(this.config.publicUrl);
    if (!staysWithProduct(url, appAddress)) throw invalid({ field: 'url', code: 'invalid' });
  }
}
