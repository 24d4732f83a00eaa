import { Global, Logger, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Config } from '#config';
import { connectionOptions } from './connection.js';
import { Database } from './database.js';

@Global()
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [Config],
      useFactory: (config: Config) => {
        if (config.databaseUrl === undefined) throw new Error('The embedded database must be started before the application.');
        return {
          ...connectionOptions(config.databaseUrl),
          autoLoadEntities: true,
          // An idle connection that the server drops is replaced at the next use.
          poolErrorHandler: (error: Error) => new Logger('Database').warn({ msg: 'connection lost', reason: error.message }),
        };
      },
    }),
  ],
  providers: [Database],
  exports: [Database],
})
export class DatabaseModule {}
