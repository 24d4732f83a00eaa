import { domainToASCII } from 'node:url';

const LOCAL_PART = /^[^\s@,;:<>()[\]\\"\p{Cc}]+$/u;
const LONGEST = 254;

/**
 * An address as one account knows it: spaces, case, composition, look-alikes of ASCII letters (U+212A, dotless i) and
 * the spelling of an international domain make no second account. Null where it is no address of one mailbox.
 */
export function canonicalEmail(written: string): string | null {
  const folded = written.trim().normalize('NFKC').toUpperCase().toLowerCase().replaceAll('i\u0307', 'i').normalize('NFC');
  const at = folded.lastIndexOf('@');
  const local = folded.slice(0, at);
  const domain = domainToASCII(folded.slice(at + 1));
  if (at < 1 || !LOCAL_PART.test(local) || local.startsWith('.') || local.endsWith('.') || local.includes('..')) return null;
  if (!/^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*$/.test(domain)) return null;
  const canonical = `${local}@${domain}`;
  return canonical.length > LONGEST || local.length > 64 ? null : canonical;
}
