/**
 * The origin of a web address that every reader reads alike; null for any other. Browsers take a backslash for a slash, leave
 * control characters out, and read an address without its slashes by the page that it stands on.
 */
export function plainOrigin(url: string): string | null {
  if (/[\\\p{Cc}\s]/u.test(url) || !/^https?:\/\/[^/]/iu.test(url) || !URL.canParse(url)) return null;
  const { origin, username, password } = new URL(url);
  return username === '' && password === '' ? origin : null;
}
