import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { loadConfig } from '#config';
import { AppModule } from './app.module.js';
import { configure } from './configure.js';
import { greeting } from './greeting.js';
import { shutDown } from './graceful-shutdown.js';
import { JsonLogger, createLog } from './json-logger.js';
import { prepareDatabase } from './prepare-database.js';

async function serve(): Promise<void> {
  const settings = loadConfig();
  const log = createLog(settings.logLevel);
  const database = await prepareDatabase(settings, (line) => log.info(line));
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(database.config), {
    logger: new JsonLogger(log),
    bodyParser: false,
    abortOnError: false,
  });
  configure(app, log);
  await app.listen(settings.port);
  console.log(greeting(settings, (await app.getUrl()).replace('[::1]', 'localhost')));

  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'shutting down');
    void shutDown(app)
      .then(() => database.stop())
      .then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

function fail(error: unknown): never {
  console.error(error instanceof Error && /Config|Products|Embedded/.test(error.name) ? error.message : error);
  process.exit(1);
}

await serve().catch(fail);
