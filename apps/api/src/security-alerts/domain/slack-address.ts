const SLACK = /^https:\/\/hooks\.slack\.com\/services(?:\/[A-Za-z0-9_-]{1,100}){1,6}$/;
const LOOPBACK = /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?(?:\/[A-Za-z0-9_-]{1,100}){1,6}$/;
const SHOWN_CHARACTERS = 4;

/**
 * Whether alerts may be sent there: Slack's own host and nowhere else, written exactly so; what a URL parser might read
 * differently (userinfo, ports, dots, escapes) fits no pattern. For tests a loopback address too.
 */
export function isSlackAddress(address: string, allowLoopback: boolean): boolean {
  return SLACK.test(address) || (allowLoopback && LOOPBACK.test(address) && URL.canParse(address));
}

/** What is shown of it: enough to recognize it by, and no address. */
export function maskedAddress(address: string): string {
  const { origin, pathname } = new URL(address);
  const begin = pathname.startsWith('/services/') ? `${origin}/services` : origin;
  return `${begin}/********${address.slice(-SHOWN_CHARACTERS)}`;
}

/** Text as Slack shows it and does nothing else with it: no mention, no link, no markup of ours undone. */
export function escapedForSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
