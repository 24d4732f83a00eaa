import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ChainVerifier } from '#audit';
import { loadConfig } from '#config';
import { AppModule } from './app.module.js';
import { SubscriptionSettings } from './billing-subscription/index.js';
import { SecretReencryption } from './extensions/index.js';
import { Operator } from './headless-auth/index.js';
import { JsonLogger, createLog } from './json-logger.js';
import { prepareDatabase } from './prepare-database.js';

/** What only whoever runs the service may do. */
export interface Commands {
  readonly operator: Operator;
  readonly reencryption: SecretReencryption;
  readonly subscriptions: SubscriptionSettings;
  readonly chains: ChainVerifier;
}

/** Lends out the operator's services of an application that listens nowhere, and closes everything behind it. */
export async function withOperator<T>(work: (commands: Commands) => Promise<T>): Promise<T> {
  const database = await prepareDatabase(loadConfig(), () => undefined);
  try {
    const app = await NestFactory.createApplicationContext(AppModule.with(database.config), {
      logger: new JsonLogger(createLog('warn')),
      abortOnError: false,
    });
    try {
      return await work({
        operator: app.get(Operator, { strict: false }),
        reencryption: app.get(SecretReencryption, { strict: false }),
        subscriptions: app.get(SubscriptionSettings, { strict: false }),
        chains: app.get(ChainVerifier, { strict: false }),
      });
    } finally {
      await app.close();
    }
  } finally {
    await database.stop();
  }
}
