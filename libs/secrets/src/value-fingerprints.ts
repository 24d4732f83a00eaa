import { createHmac, hkdfSync } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Config } from '#config';

const HEX_DIGITS = 16;

/**
 * Tells whether two values of one holder are the same, to who may see neither: 16 hex of an HMAC under a key of that
 * holder's own, so that the same value looks different elsewhere.
 */
@Injectable()
export class ValueFingerprints {
  private readonly secretsKey: Buffer;

  constructor({ secretsKey }: Config) {
    this.secretsKey = secretsKey;
  }

  of(value: string, holder: string): string {
    const key = Buffer.from(hkdfSync('sha256', this.secretsKey, '', `kiket-auth value fingerprint v1: ${holder}`, 32));
    return createHmac('sha256', key).update(value, 'utf8').digest('hex').slice(0, HEX_DIGITS);
  }
}
