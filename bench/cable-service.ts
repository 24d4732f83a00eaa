import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { loadConfig } from '#config';
import { Database } from '#database';
import { AppModule } from '../apps/api/src/app.module.js';
import { configure } from '../apps/api/src/configure.js';
import { createLog, JsonLogger } from '../apps/api/src/json-logger.js';
import { Notifier } from '../apps/api/src/notifications/index.js';
import { prepareDatabase } from '../apps/api/src/prepare-database.js';

/** Members of one organization. */
export interface Audience {
  readonly organizationId: number;
  readonly membershipIds: readonly number[];
}

/** So many notifications to each of them. */
export interface Delivery {
  readonly audiences: readonly Audience[];
  readonly times: number;
}

const NEWS = { type: 'sla_warning', title: 'SLA Warning', message: 'DSAR for Jan Novak approaching 30-day deadline', url: '/issues/456' };

/** The service as it is, with a door for the bench: it delivers to the members that it is told, and says when that committed. */
const { config } = await prepareDatabase(loadConfig(), () => undefined);
const log = createLog(config.logLevel);
const app = await NestFactory.create<NestExpressApplication>(AppModule.with(config), { logger: new JsonLogger(log), bodyParser: false, abortOnError: false });
configure(app, log);
await app.listen(config.port);
const [database, notifier] = [app.get(Database, { strict: false }), app.get(Notifier, { strict: false })];

async function deliver({ audiences, times }: Delivery): Promise<void> {
  await database.transaction(async () => {
    database.afterCommit(() => process.send?.({ committed: performance.timeOrigin + performance.now() }));
    for (const { organizationId, membershipIds } of audiences) {
      const drafts = membershipIds.map((membershipId) => ({ ...NEWS, membershipId }));
      await notifier.tell(organizationId, Array.from({ length: times }, () => drafts).flat());
    }
  });
}

process.on('message', (delivery: Delivery) => void deliver(delivery).catch((error: unknown) => process.send?.({ failed: String(error) })));
process.on('SIGTERM', () => process.exit(0));
