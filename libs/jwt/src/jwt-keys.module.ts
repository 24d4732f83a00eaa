import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { KeyFingerprints } from './key-fingerprints.js';
import { SigningKeyStore } from './signing-key-store.js';
import { SigningKeys } from './signing-keys.js';
import { TokenSigner } from './token-signer.js';
import { TokenVerifier } from './token-verifier.js';

@Global()
@Module({
  providers: [KeyFingerprints, SigningKeyStore, SigningKeys, TokenSigner, TokenVerifier],
  exports: [SigningKeys, TokenSigner, TokenVerifier],
})
export class JwtKeysModule implements OnModuleInit {
  constructor(
    private readonly fingerprints: KeyFingerprints,
    private readonly keys: SigningKeys,
  ) {}

  /** The signing keys are sealed: whether SECRETS_KEY is the right one is asked before the first is opened or made. */
  async onModuleInit(): Promise<void> {
    await this.fingerprints.assertUnchanged();
    await this.keys.start();
  }
}
