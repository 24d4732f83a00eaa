import { Global, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { ErrorFilter } from './error-filter.js';
import { KnownPaths } from './known-paths.js';
import { ReaderLocale } from './reader-locale.js';

/** Needs a `ProductDirectory` from the application. */
@Global()
@Module({
  providers: [KnownPaths, ReaderLocale, { provide: APP_FILTER, useClass: ErrorFilter }],
  exports: [ReaderLocale],
})
export class ErrorsModule {}
