import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { DomainError, type Principal, type Requirement } from '#domain';
import { ReaderLocale } from '#errors';
import { ProductDirectory, productHint } from '#request';
import { Authenticators } from './authenticator.js';
import { presentedCredential } from './presented-credential.js';
import { PUBLIC, REQUIREMENT } from './requires.js';
import { Traffic } from './traffic.js';

/** Stands before every route, and is closed by default: what declares nothing opens to nobody. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticators: Authenticators,
    private readonly products: ProductDirectory,
    private readonly reader: ReaderLocale,
    private readonly traffic: Traffic,
  ) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    const request = execution.switchToHttp().getRequest<Request>();
    const requirement = this.reflector.get<Requirement | undefined>(REQUIREMENT, execution.getHandler());
    if (requirement !== undefined) await this.admit(request, requirement);
    else if (this.reflector.get<boolean | undefined>(PUBLIC, execution.getHandler()) === true) await this.recognize(request);
    else throw new DomainError('forbidden');
    execution.switchToHttp().getResponse<Response>().setHeader('Content-Language', this.reader.known(request));
    return true;
  }

  private async admit(request: Request, requirement: Requirement): Promise<void> {
    const credential = presentedCredential(request);
    if (credential === null) throw new DomainError('authorization_required');
    const principal = await this.authenticators.authenticate(credential);
    if (principal === null || namesAnotherProduct(request, principal)) throw new DomainError('invalid_token');
    request.context.principal = principal;
    this.traffic.saw(principal, request.context.ip);
    const refusal = principal.refusal(requirement);
    if (refusal !== null) throw new DomainError(refusal, refusal === 'insufficient_scope' ? { requiredScopes: requirement.scope?.toJSON() ?? [] } : {});
  }

  /** A public route still belongs to a product, where the request names one. */
  private async recognize(request: Request): Promise<void> {
    const product = await this.products.named(productHint(request));
    if (product !== null) request.context.product = product;
  }
}

function namesAnotherProduct(request: Request, principal: Principal): boolean {
  const slug = request.headers['x-product-slug'];
  return slug !== undefined && slug !== principal.product.slug;
}
