import { Rounds } from '#jobs';
import type { Instance } from '../support/world.js';

/** From now on nothing comes round by itself on these instances: what a test counts, it does itself, on a slow machine too. */
export async function endRounds(...instances: readonly Instance[]): Promise<void> {
  await Promise.all(instances.map(async ({ app }) => app.get(Rounds, { strict: false }).beforeApplicationShutdown()));
}
