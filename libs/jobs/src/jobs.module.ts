import { Global, Module } from '@nestjs/common';
import { Jobs } from './jobs.js';
import { Rounds } from './rounds.js';

/** Work in the background, in PostgreSQL (pg-boss). */
@Global()
@Module({ providers: [Jobs, Rounds], exports: [Jobs, Rounds] })
export class JobsModule {}
