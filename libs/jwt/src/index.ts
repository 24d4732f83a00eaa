export { ASSERTION_ALGORITHMS, type Assertion, type AssertionClaims, readAssertion } from './client-assertion.js';
export { importClientKey, type RegisteredKey, thumbprint } from './client-key.js';
export { JwtKeysModule } from './jwt-keys.module.js';
export { KeyFingerprints } from './key-fingerprints.js';
export { type KeyState } from './key-ring.js';
export { OAUTH_ACCESS, type OAuthClaims } from './oauth-token.js';
export {
  ACCESS_LIFETIME_SECONDS,
  PRODUCT_ACCESS,
  PRODUCT_REFRESH,
  type ProductClaims,
  REFRESH_LIFETIME_SECONDS,
} from './product-token.js';
export { type PublishedJwk } from './signing-key.js';
export { SigningKeyStore } from './signing-key-store.js';
export { type ListedKey, SigningKeys } from './signing-keys.js';
export { readStatement, signStatement, type StatementJwk, type StatementKeys, statementKeys } from './statement.js';
export { type IssuedClaims, type TokenKind } from './token-kind.js';
export { TokenSigner } from './token-signer.js';
export { assertTimely, TokenVerifier, typOf } from './token-verifier.js';
