import { DomainError } from '#domain';

const LONGEST = 4096;
/** r ‖ s, 32 bytes each (RFC 7518 §3.4). */
const SIGNATURE_BYTES = 64;

/** A token that has the form of one of ours (RFC 7515 §7.1). Nothing of it is proven. */
export interface CompactJws {
  readonly header: unknown;
  readonly payload: unknown;
  /** What the signature covers. */
  readonly signingInput: string;
  readonly signature: Buffer;
}

/** @throws DomainError invalid_token */
export function readCompactJws(token: string): CompactJws {
  if (typeof token !== 'string' || token.length > LONGEST) throw malformed('it is no text of at most 4096 characters');
  const [header = '', payload = '', signature = '', ...more] = token.split('.');
  if (more.length > 0) throw malformed('it has more than three parts');
  return {
    header: readJson(header),
    payload: readJson(payload),
    signingInput: token.slice(0, header.length + 1 + payload.length),
    signature: readSignature(signature),
  };
}

/**
 * Only what our signer would have written is read: encoding the value again must give the same text. That refuses in
 * one go padding, slack bits, white space and line ends, bad UTF-8, and a name given twice, of which JSON.parse would
 * show the last and hide the first.
 */
function readJson(part: string): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    if (Buffer.from(JSON.stringify(value), 'utf8').toString('base64url') === part) return value;
  } catch {
    // The parser's message would quote the token.
    throw malformed('a part is not JSON');
  }
  throw malformed('a part is not in its canonical form');
}

function readSignature(part: string): Buffer {
  const signature = Buffer.from(part, 'base64url');
  if (signature.length === SIGNATURE_BYTES && signature.toString('base64url') === part) return signature;
  throw malformed('the signature is not 64 bytes in base64url');
}

function malformed(reason: string): DomainError {
  return new DomainError('invalid_token', { cause: reason });
}
