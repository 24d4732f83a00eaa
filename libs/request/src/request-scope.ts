import { AsyncLocalStorage } from 'node:async_hooks';
import type { Origin, RequestContext } from '#domain';

const scope = new AsyncLocalStorage<RequestContext>();

/** Runs what follows inside a request: whoever needs to know where an act came from asks here. */
export function insideRequest<T>(context: RequestContext, work: () => T): T {
  return scope.run(context, work);
}

/** Where the act under way comes from; nothing is known in jobs and commands. */
export function currentOrigin(): Origin {
  const context = scope.getStore();
  return { ip: context?.ip ?? null, userAgent: context?.userAgent ?? null, requestId: context?.id ?? null };
}
