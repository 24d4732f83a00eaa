import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Aead } from './aead.js';
import { SealedBox } from './sealed-box.js';

const KEY_BYTES = 32;
/** Begins what a data key sealed; SECRETS_KEY's own begins with 1. */
const SEALED_BY_DATA_KEY = 2;

/** One version of the key under which a table's values stand, itself sealed with SECRETS_KEY: so it can be stored beside them. */
export interface SealedDataKey {
  /** From 1, growing by one. */
  readonly version: number;
  readonly sealed: Buffer;
}

/** Makes and opens the versioned keys of values that can be sealed anew while the service runs. */
@Injectable()
export class DataKeys {
  constructor(private readonly box: SealedBox) {}

  generate(version: number): SealedDataKey {
    return { version, sealed: this.box.seal(randomBytes(KEY_BYTES), contextOf(version)) };
  }

  /** What it seals begins with 2 (1 byte) ‖ version (4). @throws BrokenSeal */
  open({ version, sealed }: SealedDataKey): Aead {
    const header = Buffer.alloc(5);
    header.writeUInt8(SEALED_BY_DATA_KEY);
    header.writeUInt32BE(version, 1);
    return new Aead(this.box.open(sealed, contextOf(version)), header, 'version of the data key');
  }
}

function contextOf(version: number): string {
  return `data_keys/${version}`;
}
