const LOCAL_PART = /^[^\s@,;:<>()[\]\\"\p{Cc}]+$/u;
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*$/;
const LONGEST = 254;

/**
 * An address as one account knows it: spaces, case, composition, look-alikes of ASCII letters (U+212A, dotless i) and
 * the spelling of an international domain make no second account. Null where it is no address of one mailbox.
 */
export function canonicalEmail(written: string): string | null {
  const composed = written.trim().normalize('NFKC');
  const at = composed.lastIndexOf('@');
  const local = composed.slice(0, at).toUpperCase().toLowerCase().replaceAll('i\u0307', 'i').normalize('NFC');
  // Folded by the domain system's own rules: straße.de and strasse.de are two domains, with two owners.
  const domain = asciiDomain(composed.slice(at + 1));
  // A look-alike of the @ itself would be an address here and none to any mail server.
  if (!written.includes('@')) return null;
  if (at < 1 || !LOCAL_PART.test(local) || local.startsWith('.') || local.endsWith('.') || local.includes('..')) return null;
  // No mail goes there (RFC 6761 §6.4), and machines' stand-ins have their addresses there.
  if (!DOMAIN.test(domain) || domain.endsWith('.invalid')) return null;
  const canonical = `${local}@${domain}`;
  return canonical.length > LONGEST || local.length > 64 ? null : canonical;
}

/** An international domain in its ASCII form (UTS #46), as a URL's host is written; empty where it is none. */
function asciiDomain(domain: string): string {
  const url = `http://${domain}`;
  return /[\s\p{Cc}/?#@:\\%[\]]/u.test(domain) || !URL.canParse(url) ? '' : new URL(url).hostname;
}
