export { ExpiryWarnings } from './expiry-warnings.service.js';
