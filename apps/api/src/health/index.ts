export { Readiness } from './readiness.service.js';
