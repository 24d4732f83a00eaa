import { createPrivateKey, type JsonWebKeyInput, type KeyObject, type PrivateKeyInput } from 'node:crypto';
import { ConfigError } from '#config';
import { SigningKey } from './signing-key.js';

const PEM_BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

/**
 * Reads JWT_PRIVATE_KEYS: PEM blocks (line ends may be written `\n`, as .env files do) or a JWK set. A JWK's own `kid`
 * is not used: kid is the thumbprint everywhere.
 * @throws ConfigError naming every key that is not one for ES256, never showing any of it
 */
export function readConfiguredKeys(text: string): SigningKey[] {
  const inputs = text.trimStart().startsWith('{') ? jwkInputs(text) : pemInputs(text);
  const faults: string[] = [];
  const keys: SigningKey[] = [];
  inputs.forEach((input, index) => {
    try {
      const key = SigningKey.of(parse(input));
      if (keys.some(({ kid }) => kid === key.kid)) throw new Error('is there twice');
      keys.push(key);
    } catch (error) {
      faults.push(`JWT_PRIVATE_KEYS: key ${index + 1} ${(error as Error).message}`);
    }
  });
  if (faults.length > 0) throw new ConfigError(faults);
  return keys;
}

type KeyInput = PrivateKeyInput | JsonWebKeyInput;

function fault(what: string): ConfigError {
  return new ConfigError([`JWT_PRIVATE_KEYS: ${what}`]);
}

function pemInputs(text: string): KeyInput[] {
  const blocks = [...text.replaceAll('\\n', '\n').matchAll(PEM_BLOCK)];
  // openssl ecparam writes the curve's name as a block of its own before the key.
  const keys = blocks.filter(([, label]) => label !== 'EC PARAMETERS');
  if (keys.length === 0) throw fault('holds neither a PEM block nor a JWK set ({"keys": [...]})');
  return keys.map(([key]) => ({ key, format: 'pem' }));
}

function jwkInputs(text: string): KeyInput[] {
  const keys = jwkSet(text);
  if (!Array.isArray(keys) || keys.length === 0) throw fault('is no JWK set ({"keys": [...]} with at least one key)');
  return keys.map((key: JsonWebKeyInput['key']) => ({ key, format: 'jwk' }));
}

function jwkSet(text: string): unknown {
  try {
    return (JSON.parse(text) as { keys?: unknown }).keys;
  } catch {
    return undefined;
  }
}

function parse(input: KeyInput): KeyObject {
  try {
    return createPrivateKey(input);
  } catch {
    // The original message could quote the key.
    throw new Error('is no unencrypted private key');
  }
}
