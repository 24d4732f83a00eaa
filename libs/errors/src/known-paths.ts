import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Request } from 'express';
import { DomainError } from '#domain';

interface Layer {
  readonly route?: { readonly methods: Readonly<Record<string, boolean>> };
  match(path: string): boolean;
}

/** The router's table, asked after the fact: a known path with another method is 405 with Allow, not 404 (RFC 9110 §15.5.6). */
@Injectable()
export class KnownPaths {
  constructor(private readonly adapter: HttpAdapterHost) {}

  refine(refusal: DomainError, request: Request): DomainError {
    // A handler that ran and found nothing is a true 404.
    if (refusal.code !== 'not_found' || hasRun(request)) return refusal;
    const allow = this.methodsOf(request.path);
    if (allow.length === 0 || allow.includes(request.method)) return refusal;
    return new DomainError('method_not_allowed', { allow });
  }

  private methodsOf(path: string): string[] {
    const router = (this.adapter.httpAdapter.getInstance() as { router: { stack: readonly Layer[] } }).router;
    const methods = new Set<string>();
    for (const layer of router.stack) {
      if (layer.route === undefined || !layer.match(path)) continue;
      for (const method of Object.keys(layer.route.methods)) methods.add(method.toUpperCase());
    }
    if (methods.has('GET')) methods.add('HEAD');
    return [...methods].sort();
  }
}

/** The router also names the route of another method, where HEAD finds none of its own. */
function hasRun({ route, method }: Request): boolean {
  const { methods } = (route ?? { methods: {} }) as NonNullable<Layer['route']>;
  return methods[method.toLowerCase()] === true || (method === 'HEAD' && methods['get'] === true);
}
