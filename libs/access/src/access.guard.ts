import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { DomainError, type Principal, type Requirement } from '#domain';
import { ReaderLocale } from '#errors';
import { ProductDirectory, productHint } from '#request';
import { Authenticators } from './authenticator.js';
import { presentedCredential } from './presented-credential.js';
import { accountOf, accountOfStranger } from './rate-limit/account.js';
import { RateLimits } from './rate-limit/rate-limits.js';
import { LIMITED, PUBLIC, REQUIREMENT } from './requires.js';
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
    private readonly limits: RateLimits,
  ) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    const request = execution.switchToHttp().getRequest<Request>();
    const response = execution.switchToHttp().getResponse<Response>();
    const handler = execution.getHandler();
    const requirement = this.reflector.get<Requirement | undefined>(REQUIREMENT, handler);
    if (requirement !== undefined) await this.admit(request, response, requirement);
    else if (this.reflector.get<boolean | undefined>(PUBLIC, handler) === true) {
      await this.welcome(request, response, this.reflector.get<boolean>(LIMITED, handler));
    } else throw new DomainError('forbidden');
    response.setHeader('Content-Language', this.reader.known(request));
    if (request.context.fault !== undefined) throw request.context.fault;
    return true;
  }

  private async admit(request: Request, response: Response, requirement: Requirement): Promise<void> {
    const credential = presentedCredential(request);
    if (credential === null) throw new DomainError('authorization_required');
    const principal = await this.recognize(credential, request.context.ip);
    if (principal === null || namesAnotherProduct(request, principal)) throw new DomainError('invalid_token');
    request.context.principal = principal;
    announceExpiry(principal, response);
    this.traffic.saw(principal, request.context.ip);
    await this.limits.charge(accountOf(principal), request, response, requirement);
    const refusal = principal.refusal(requirement);
    this.traffic.judged(principal, request.context.ip, refusal === 'insufficient_scope' || refusal === 'forbidden' ? 'refused' : 'admitted');
    if (refusal !== null) throw new DomainError(refusal, refusal === 'insufficient_scope' ? { requiredScopes: requirement.scope?.toJSON() ?? [] } : {});
  }

  /** Whoever still uses what was revoked or replaced is seen, though they are refused. */
  private async recognize(credential: string, ip: string): Promise<Principal | null> {
    try {
      return await this.authenticators.authenticate(credential);
    } catch (error) {
      if (error instanceof DomainError && error.details.ended !== undefined) this.traffic.turnedAway(error.details.ended, ip);
      throw error;
    }
  }

  /** A public route still belongs to a product, where the request names one. */
  private async welcome(request: Request, response: Response, limited: boolean): Promise<void> {
    if (limited) await this.limits.charge(accountOfStranger(request.context.ip), request, response, {});
    const product = await this.products.named(productHint(request));
    if (product !== null) request.context.product = product;
  }
}

/** A token that was given an end says so at each use; a session's client knows it from its own login. */
function announceExpiry({ kind, expiresAt }: Principal, response: Response): void {
  if (kind === 'workspace_token' && expiresAt !== null) response.setHeader('X-Token-Expires-At', expiresAt.toISOString());
}

function namesAnotherProduct(request: Request, principal: Principal): boolean {
  const slug = request.headers['x-product-slug'];
  return slug !== undefined && slug !== principal.product.slug;
}
