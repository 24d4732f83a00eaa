import { Injectable } from '@nestjs/common';
import type { Principal } from '#domain';
import { type AboutToken, type MailMessage, Mailer } from '#mail';
import { Secrets } from '#secrets';
import { Products } from '../products/index.js';
import { Members, Organizations, type User } from '../workspace/index.js';
import type { WorkspaceToken } from './domain/workspace-token.js';

/** Mails about a token, to its owner and to the organization's admins, each in their own language. In the transaction under way. */
@Injectable()
export class TokenNotices {
  constructor(
    private readonly members: Members,
    private readonly organizations: Organizations,
    private readonly products: Products,
    private readonly mailer: Mailer,
    private readonly secrets: Secrets,
  ) {}

  /** It ends in so many days. */
  async expiring(token: WorkspaceToken, days: number): Promise<void> {
    const { expiresAt } = token;
    if (expiresAt === null) return;
    await this.tell(token, (about) => ({ template: 'token_expiring', ...about, days, expiresAt: expiresAt.toISOString() }));
  }

  async rotated(token: WorkspaceToken, by: Principal): Promise<void> {
    await this.tellOfAnother('token_rotated', token, by);
  }

  async revoked(token: WorkspaceToken, by: Principal): Promise<void> {
    await this.tellOfAnother('token_revoked', token, by);
  }

  /** What owners do with their own tokens is no news. */
  private async tellOfAnother(template: 'token_rotated' | 'token_revoked', token: WorkspaceToken, by: Principal): Promise<void> {
    if (by.membershipId === token.membershipId) return;
    await this.tell(token, (about) => ({ template, ...about, actorName: by.name }));
  }

  private async tell(token: WorkspaceToken, message: (about: AboutToken) => MailMessage): Promise<void> {
    const { organizationId, membershipId, name: tokenName } = token;
    const owner = await this.members.person(membershipId);
    const organization = await this.organizations.byId(organizationId);
    if (owner === null || organization === null) return;
    const product = await this.products.byId(organization.productId);
    const recipients = new Map<number, User>([owner, ...(await this.members.admins(organizationId))].map((person) => [person.id, person]));
    for (const { name, email, locale, isEnabled } of recipients.values()) {
      if (!isEnabled) continue;
      await this.mailer.deliver({
        id: this.secrets.randomId(),
        to: { name, email },
        locale,
        brand: this.products.brandOf(product),
        message: message({ name, tokenName, ownerName: owner.name, organizationName: organization.name }),
      });
    }
  }
}
