import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension } from '@nestjs/swagger';
import type { Request } from 'express';
import { DomainError, type Locale, type Principal, type ProductRef, type RequestBudget, type Requirement, type Scope, Scopes } from '#domain';

export const REQUIREMENT = 'kiket:requirement';
export const PUBLIC = 'kiket:public';
export const LIMITED = 'kiket:limited';

/** Opens a route to callers who hold this scope (or to `user`: any user; `credential`: any credential). */
export function Requires(what: Scope | 'user' | 'credential', options: Pick<Requirement, 'kinds' | 'unscopedFor' | 'openWhenLapsed' | 'openWhenExceeded'> = {}): MethodDecorator {
  const requirement: Requirement = {
    ...options,
    ...(what === 'user' ? { kinds: ['user'] } : {}),
    ...(what === 'user' || what === 'credential' ? {} : { scope: Scopes.of(what) }),
  };
  return applyDecorators(SetMetadata(REQUIREMENT, requirement), ApiBearerAuth(), ApiExtension('x-requires', [what, ...(options.unscopedFor ?? [])].join(' or ')));
}

/** Opens a route to everyone; `limited`: so many times a minute from one address. */
export const Public = ({ limited = false }: { limited?: boolean } = {}): MethodDecorator => applyDecorators(SetMetadata(PUBLIC, true), SetMetadata(LIMITED, limited));

/** Who is calling. */
export const CurrentPrincipal = createParamDecorator((_: unknown, execution: ExecutionContext): Principal => {
  const { principal } = execution.switchToHttp().getRequest<Request>().context;
  if (principal === undefined) throw new DomainError('authorization_required');
  return principal;
});

/** What the caller may still ask in this window. */
export const CurrentBudget = createParamDecorator((_: unknown, execution: ExecutionContext): RequestBudget => {
  const { budget } = execution.switchToHttp().getRequest<Request>().context;
  if (budget === undefined) throw new DomainError('authorization_required');
  return budget;
});

/** The product that the request names; required (400). */
export const CurrentProduct = createParamDecorator((_: unknown, execution: ExecutionContext): ProductRef => {
  const request = execution.switchToHttp().getRequest<Request>();
  const { product } = request.context;
  if (product !== undefined) return product;
  throw new DomainError(request.headers['x-product-slug'] === undefined ? 'product_required' : 'unknown_product');
});

/** The product that the request names, if it names one. */
export const NamedProduct = createParamDecorator((_: unknown, execution: ExecutionContext): ProductRef | undefined => {
  return execution.switchToHttp().getRequest<Request>().context.product;
});

/** The language that the reader asked for in this very request, if any. */
export const WishedLocale = createParamDecorator((_: unknown, execution: ExecutionContext): Locale | undefined => {
  return execution.switchToHttp().getRequest<Request>().context.explicitLocale;
});
