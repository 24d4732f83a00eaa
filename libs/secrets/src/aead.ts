import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What was to be opened is not what was sealed here: changed, moved to another place, or sealed with another key. */
export class BrokenSeal extends Error {
  constructor(reason: string, cause?: unknown) {
    super(`A sealed value cannot be opened: ${reason}.`, { cause });
    this.name = 'BrokenSeal';
  }
}

/**
 * AES-256-GCM under one key, with a random nonce for each value. The context says where a value belongs (a table, a row)
 * and must be the same at opening: a value copied to another row does not open there. Sealed bytes are
 * header ‖ nonce (12) ‖ ciphertext ‖ tag (16); the header tells the key, and is vouched for like the context.
 */
export class Aead {
  constructor(
    private readonly key: Buffer,
    private readonly header: Buffer,
    /** What the reason calls the key, where a value was sealed with another one. */
    private readonly keyName: string,
  ) {}

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
    const length = this.header.length;
    if (sealed.length < length + NONCE_BYTES + TAG_BYTES) throw new BrokenSeal('it is too short');
    if (!sealed.subarray(0, length).equals(this.header)) throw new BrokenSeal(`it was sealed with another ${this.keyName}`);
    const body = sealed.subarray(length);
    const decipher = createDecipheriv('aes-256-gcm', this.key, body.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
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
