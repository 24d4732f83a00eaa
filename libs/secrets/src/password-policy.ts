import { dictionary } from '@zxcvbn-ts/language-common';
import type { FieldFault } from '#domain';
import { isWellFormedText } from './well-formed-text.js';

const SHORTEST = 8;
const LONGEST = 128;

/** Shorter ones are refused for their length. */
const COMMONEST: ReadonlySet<string> = new Set(
  dictionary['passwords-common'].filter((password) => password.length >= SHORTEST).map(caseless),
);

/**
 * Why a new password is refused: length, and what an attacker tries first (NIST SP 800-63B §3.1.1.2: no rules of
 * composition). Length counts code points after NFC, so that no keyboard's way of writing é is worth more.
 */
export function passwordFaults(field: string, password: string, email: string): FieldFault[] {
  if (!isWellFormedText(password)) return [{ field, code: 'ill_formed_text' }];
  const length = [...password.normalize('NFC')].length;
  if (length < SHORTEST) return [{ field, code: 'too_short', params: { min: SHORTEST } }];
  if (length > LONGEST) return [{ field, code: 'too_long', params: { max: LONGEST } }];
  if (COMMONEST.has(caseless(password))) return [{ field, code: 'too_common' }];
  if (email !== '' && caseless(password).includes(caseless(email))) return [{ field, code: 'contains_email' }];
  return [];
}

function caseless(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
