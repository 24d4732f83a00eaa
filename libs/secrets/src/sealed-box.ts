import { hkdfSync } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '#config';
import { Aead, BrokenSeal } from './aead.js';
import { fingerprintOf } from './fingerprint.js';

const VERSION = 1;
const KEY_ID_BYTES = 4;

/**
 * Keeps secrets that must be read again, under a key derived from SECRETS_KEY. The header of what it seals is
 * version (1) ‖ key id (4), so that a later key can tell which ones are still to be sealed anew.
 */
@Injectable()
export class SealedBox {
  private readonly aead: Aead;

  constructor(config: Config) {
    const keyId = Buffer.from(fingerprintOf(config.secretsKey, 'sealed box key id'), 'hex').subarray(0, KEY_ID_BYTES);
    const key = Buffer.from(hkdfSync('sha256', config.secretsKey, '', 'kiket-auth sealed box v1', 32));
    this.aead = new Aead(key, Buffer.concat([Buffer.of(VERSION), keyId]), 'SECRETS_KEY');
  }

  seal(plaintext: string | Buffer, context: string): Buffer {
    return this.aead.seal(plaintext, context);
  }

  /** @throws BrokenSeal */
  open(sealed: Buffer, context: string): Buffer {
    if (sealed.length > 0 && sealed[0] !== VERSION) throw new BrokenSeal('its version is unknown');
    return this.aead.open(sealed, context);
  }
}
