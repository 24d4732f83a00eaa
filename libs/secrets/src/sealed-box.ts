import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '#config';
import { fingerprintOf } from './fingerprint.js';

const VERSION = 1;
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES;

/** What was to be opened is not what was sealed here: changed, moved to another place, or sealed with another key. */
export class BrokenSeal extends Error {
  constructor(reason: string, cause?: unknown) {
    super(`A sealed value cannot be opened: ${reason}.`, { cause });
    this.name = 'BrokenSeal';
  }
}

/**
 * Keeps secrets that must be read again: AES-256-GCM with a random nonce, under a key derived from SECRETS_KEY. The
 * context says where a value belongs (a table, a row) and must be the same at opening: a value copied to another row
 * does not open there. Sealed bytes are version (1) ‖ key id (4) ‖ nonce (12) ‖ ciphertext ‖ tag (16).
 */
@Injectable()
export class SealedBox {
  private readonly key: Buffer;
  /** Begins every value, so that a later key can tell which ones are still to be sealed anew. */
  private readonly header: Buffer;

  constructor(config: Config) {
    this.key = Buffer.from(hkdfSync('sha256', config.secretsKey, '', 'kiket-auth sealed box v1', 32));
    const keyId = Buffer.from(fingerprintOf(config.secretsKey, 'sealed box key id'), 'hex').subarray(0, KEY_ID_BYTES);
    this.header = Buffer.concat([Buffer.of(VERSION), keyId]);
  }

  seal(plaintext: string | Buffer, context: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(this.additionalData(context));
    const bytes = typeof plaintext === 'string' ? Buffer.from(plaintext, 'utf8') : plaintext;
    const ciphertext = Buffer.concat([cipher.update(bytes), cipher.final()]);
    return Buffer.concat([this.header, nonce, ciphertext, cipher.getAuthTag()]);
  }

  /** @throws BrokenSeal */
  open(sealed: Buffer, context: string): Buffer {
    if (sealed.length < HEADER_BYTES + NONCE_BYTES + TAG_BYTES) throw new BrokenSeal('it is too short');
    if (sealed[0] !== VERSION) throw new BrokenSeal('its version is unknown');
    const [header, body] = [sealed.subarray(0, HEADER_BYTES), sealed.subarray(HEADER_BYTES)];
    if (!header.equals(this.header)) throw new BrokenSeal('it was sealed with another SECRETS_KEY');
    const nonce = body.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', this.key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(this.additionalData(context));
    decipher.setAuthTag(body.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(body.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    } catch (error) {
      throw new BrokenSeal('it was changed, or belongs to another place', error);
    }
  }

  private additionalData(context: string): Buffer {
    return Buffer.concat([this.header, Buffer.from(context, 'utf8')]);
  }
}
