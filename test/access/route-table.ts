import type { World } from '../support/world.js';

interface Layer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
}

/** The table of the router itself, as `METHOD path`, so that no route is forgotten. */
export function routeTable(world: World): string[] {
  const { router } = world.instance.app.getHttpAdapter().getInstance() as unknown as { router: { stack: readonly Layer[] } };
  return router.stack.flatMap(({ route }) => (route === undefined ? [] : Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${route.path}`)));
}
