import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';

export interface PublicJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

/** A key as /.well-known/jwks.json shows it (RFC 7517 §4): never with `d`. */
export interface PublishedJwk extends PublicJwk {
  readonly kid: string;
  readonly use: 'sig';
  readonly alg: 'ES256';
}

/** A key for ES256 (ECDSA on P-256), parsed once: parsing a PEM costs more than the signature. */
export class SigningKey {
  private constructor(
    /** The RFC 7638 thumbprint: two keys never share one, and nobody has to invent names. */
    readonly kid: string,
    readonly privateKey: KeyObject,
    readonly publicKey: KeyObject,
    readonly publicJwk: PublicJwk,
  ) {}

  static generate(): SigningKey {
    return SigningKey.of(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
  }

  /** @throws Error where it is no key for ES256 */
  static of(privateKey: KeyObject): SigningKey {
    if (privateKey.asymmetricKeyType !== 'ec' || privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
      throw new Error('must be an EC key on the curve P-256');
    }
    const publicKey = createPublicKey(privateKey);
    if (!isPair(privateKey, publicKey)) throw new Error('has a public part that does not belong to its private part');
    const { x, y } = publicKey.export({ format: 'jwk' }) as { x: string; y: string };
    return new SigningKey(thumbprint(x, y), privateKey, publicKey, { kty: 'EC', crv: 'P-256', x, y });
  }

  static fromPkcs8(der: Buffer): SigningKey {
    return SigningKey.of(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  }

  toPkcs8(): Buffer {
    return this.privateKey.export({ format: 'der', type: 'pkcs8' });
  }

  get published(): PublishedJwk {
    return { ...this.publicJwk, kid: this.kid, use: 'sig', alg: 'ES256' };
  }
}

/** A JWK brings both parts, and Node.js believes it. */
function isPair(privateKey: KeyObject, publicKey: KeyObject): boolean {
  const probe = Buffer.from('ES256');
  return verify('sha256', probe, publicKey, sign('sha256', probe, privateKey));
}

/** RFC 7638 §3.2: the required members in lexicographic order, without white space. */
function thumbprint(x: string, y: string): string {
  return createHash('sha256').update(JSON.stringify({ crv: 'P-256', kty: 'EC', x, y })).digest('base64url');
}
