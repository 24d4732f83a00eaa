import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Injectable } from '@nestjs/common';

const SECRET_BYTES = 20;
const PREFIX_LENGTH = 8;

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

  digest(text: string): Buffer {
    return createHash('sha256').update(text).digest();
  }

  /** 128 random bits in base64url, such as a `jti`. */
  randomId(): string {
    return randomBytes(16).toString('base64url');
  }
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
