export { type Aead, BrokenSeal } from './aead.js';
export { DataKeys, type SealedDataKey } from './data-keys.js';
export { fingerprintOf } from './fingerprint.js';
export { passwordFaults } from './password-policy.js';
export { PASSWORD_COST, Passwords } from './passwords.js';
export { SealedBox } from './sealed-box.js';
export { type GeneratedSecret, Secrets } from './secrets.js';
export { SecretsModule } from './secrets.module.js';
export { ValueFingerprints } from './value-fingerprints.js';
