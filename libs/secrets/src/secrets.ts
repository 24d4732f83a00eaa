import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Injectable } from '@nestjs/common';

const SECRET_BYTES = 20;
const PREFIX_LENGTH = 8;
const ID_BYTES = 16;
const IDS_AT_ONCE = 256;

export interface GeneratedSecret {
  /** Told once, to whom it belongs; never stored. */
  readonly plaintext: string;
  /** SHA-256, 32 bytes: what is stored and looked up. */
  readonly digest: Buffer;
  /** The scheme and the first 8 hex characters: enough to recognize a secret in a list, far too little to guess it. */
  readonly prefix: string;
}

/**
 * Opaque secrets: a scheme such as `wksp_`, 160 random bits in hex, and a CRC-32 of all that, so that a mistyped or
 * invented one is refused without asking the database. With that much entropy a plain digest cannot be guessed back.
 */
@Injectable()
export class Secrets {
  /** Asking the system for a few bytes costs as much as for many, and every request asks. */
  private pool = Buffer.alloc(0);
  private drawn = 0;

  generate(scheme: string): GeneratedSecret {
    const body = scheme + randomBytes(SECRET_BYTES).toString('hex');
    const plaintext = body + checksum(body);
    return { plaintext, digest: this.digest(plaintext), prefix: plaintext.slice(0, scheme.length + PREFIX_LENGTH) };
  }

  /** Whether a text could have been generated for this scheme: its form and its checksum fit, to the letter. */
  isWellFormed(scheme: string, text: string): boolean {
    if (!text.startsWith(scheme) || !/^[0-9a-f]{48}$/.test(text.slice(scheme.length))) return false;
    return text.endsWith(checksum(text.slice(0, -8)));
  }

  /** Whether two texts are the same, in a time that does not tell how much of them is. */
  isSame(one: string, other: string): boolean {
    const [first, second] = [Buffer.from(one), Buffer.from(other)];
    return first.length === second.length && timingSafeEqual(first, second);
  }

  digest(text: string): Buffer {
    return createHash('sha256').update(text).digest();
  }

  /** 128 random bits in base64url, such as a `jti`; never one that a right hangs on alone. */
  randomId(): string {
    if (this.drawn === this.pool.length) {
      this.pool = randomBytes(ID_BYTES * IDS_AT_ONCE);
      this.drawn = 0;
    }
    this.drawn += ID_BYTES;
    return this.pool.toString('base64url', this.drawn - ID_BYTES, this.drawn);
  }
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
