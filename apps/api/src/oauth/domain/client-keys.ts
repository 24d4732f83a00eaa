/** A public key of an application as it registered it (RFC 7517): nothing private is ever kept. */
export interface ClientKey {
  readonly kty: string;
  readonly alg: string;
  readonly kid: string;
  readonly [member: string]: string;
}
