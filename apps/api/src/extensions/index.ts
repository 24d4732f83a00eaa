export { SecretReencryption } from './reencryption.service.js';
