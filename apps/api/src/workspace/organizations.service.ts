import { Injectable } from '@nestjs/common';
import { Clock } from '#clock';
import { type Organization, doubleClickSince } from './domain/organization.js';
import { OrganizationRepository } from './storage/organization.repository.js';
import { WorkflowRepository } from './storage/workflow.repository.js';

/** Organizations: founded by a user on a product, for good. */
@Injectable()
export class Organizations {
  constructor(
    private readonly organizations: OrganizationRepository,
    private readonly workflows: WorkflowRepository,
    private readonly clock: Clock,
  ) {}

  async byId(id: number): Promise<Organization | null> {
    return this.organizations.byId(id);
  }

  async bySlug(productId: number, slug: string): Promise<Organization | null> {
    return this.organizations.bySlug(productId, slug);
  }

  /** The one that the same person founded under the same name a moment ago: a double click founds nothing twice. */
  async justFounded(founderId: number, productId: number, name: string): Promise<Organization | null> {
    return this.organizations.foundedSince(founderId, productId, name, doubleClickSince(this.clock.now()));
  }

  /** With the workflow that its issues move by; in the caller's transaction. */
  async found(facts: { productId: number; name: string; founderId: number }): Promise<Organization> {
    const now = this.clock.now();
    const organization = await this.organizations.add(facts, now);
    await this.workflows.found(organization.id, now);
    return organization;
  }

  async suspend(organization: Organization): Promise<void> {
    organization.suspend(this.clock.now());
    await this.organizations.save(organization);
  }

  async resume(organization: Organization): Promise<void> {
    organization.resume();
    await this.organizations.save(organization);
  }
}
