import { Global, Module } from '@nestjs/common';
import { Jobs } from './jobs.js';

/** Work in the background, in PostgreSQL (pg-boss). */
@Global()
@Module({ providers: [Jobs], exports: [Jobs] })
export class JobsModule {}
