import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Logger } from 'pino';
import type { Config } from '#config';
import { AppModule } from './app.module.js';
import { configure } from './configure.js';
import { greeting } from './greeting.js';
import { shutDown } from './graceful-shutdown.js';
import { JsonLogger, createLog } from './json-logger.js';
import { prepareDatabase } from './prepare-database.js';

/** The whole service, from its settings to its last connection. */
export class Service {
  private readonly log: Logger;
  /** Ends what has been started by now. */
  private end = async (): Promise<void> => undefined;

  constructor(private readonly settings: Config) {
    this.log = createLog(settings.logLevel);
  }

  /** Resolves, once it serves, to what a newcomer needs next. */
  async start(): Promise<string> {
    const { settings, log } = this;
    const database = await prepareDatabase(settings, (line) => log.info(line));
    this.end = () => database.stop();
    const app = await NestFactory.create<NestExpressApplication>(AppModule.with(database.config), {
      logger: new JsonLogger(log),
      bodyParser: false,
      abortOnError: false,
    });
    configure(app, log);
    await app.listen(settings.port);
    this.end = async () => {
      await shutDown(app);
      await database.stop();
    };
    return greeting(settings, (await app.getUrl()).replace('[::1]', 'localhost'));
  }

  /** May come at any moment, also before the start is over: nothing that we begin is left half done by an end. */
  async stop(signal: string): Promise<void> {
    this.log.info({ signal }, 'shutting down');
    await this.end();
  }
}
