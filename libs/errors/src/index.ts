export { ErrorsModule } from './errors.module.js';
export { isOutage } from './outage.js';
export { ReaderLocale } from './reader-locale.js';
