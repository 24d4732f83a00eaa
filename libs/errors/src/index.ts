export { ErrorsModule } from './errors.module.js';
export { ReaderLocale } from './reader-locale.js';
