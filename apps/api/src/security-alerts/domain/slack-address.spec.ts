import { escapedForSlack, isSlackAddress, maskedAddress } from './slack-address.js';

const SLACK = 'https://hooks.slack.com/services/T000/B000/XXXXsecret';

const REFUSED: readonly string[] = [
  '', 'x', 'hooks.slack.com/services/T/B/x', 'http://hooks.slack.com/services/T/B/x', 'HTTPS://hooks.slack.com/services/T/B/x', 'https://HOOKS.slack.com/services/T/B/x',
  'https://hooks.slack.com', 'https://hooks.slack.com/services', 'https://hooks.slack.com/services/', 'https://hooks.slack.com/workflows/T/B/x', 'https://hooks.slack.com//services/T/B/x',
  'https://hooks.slack.com:443/services/T/B/x', 'https://hooks.slack.com:8443/services/T/B/x', 'https://user@hooks.slack.com/services/T/B/x', 'https://user:pass@hooks.slack.com/services/T/B/x',
  'https://hooks.slack.com@evil.example/services/T/B/x', 'https://hooks.slack.com.evil.example/services/T/B/x', 'https://evil.example/hooks.slack.com/services/T/B/x', 'https://evil-hooks.slack.com/services/T/B/x',
  'https://hooks.slack.com./services/T/B/x', 'https://hooks.slack.com\\@evil.example/services/T/B/x', 'https://hooks.slack.com/services/../../api', 'https://hooks.slack.com/services/%2e%2e/x', 'https://hooks.slack.com/services/T/B/x?y=1',
  'https://hooks.slack.com/services/T/B/x#y', 'https://hooks.slack.com/services/T/B/x\n', ' https://hooks.slack.com/services/T/B/x', 'https://hooks.slack.com/services/T/B/ x', 'https://127.0.0.1/services/T/B/x', 'https://169.254.169.254/services/T/B/x',
  'https://10.0.0.1/services/T/B/x', 'https://[::1]/services/T/B/x', 'https://localhost/services/T/B/x', 'file:///services/T/B/x', 'gopher://hooks.slack.com/services/T/B/x', maskedAddress(SLACK),
];

const LOOPBACK = ['http://127.0.0.1:4000/services/T/B/x', 'http://localhost:4000/hook', 'http://[::1]:4000/hook'];

const BESIDE_LOOPBACK = ['http://127.0.0.1.evil.example/hook', 'http://user@127.0.0.1/hook', 'http://127.0.0.2/hook', 'http://0.0.0.0/hook', 'http://10.0.0.1/hook', 'http://127.0.0.1:99999/hook', 'http://2130706433/hook', 'http://0x7f.1/hook', 'http://localhost.evil.example/hook', 'https://127.0.0.1/hook', 'http://[::ffff:127.0.0.1]/hook'];

describe('an address that alerts are sent to', () => {
  it('is Slack’s, written as Slack writes it', () => {
    expect([isSlackAddress(SLACK, false), isSlackAddress(SLACK, true)]).toEqual([true, true]);
  });

  it.each(REFUSED)('is not %j', (address) => {
    expect([isSlackAddress(address, false), isSlackAddress(address, true)]).toEqual([false, false]);
  });

  it.each(LOOPBACK)('is %s for tests alone', (address) => {
    expect([isSlackAddress(address, false), isSlackAddress(address, true)]).toEqual([false, true]);
  });

  it.each(BESIDE_LOOPBACK)('is %s not even for tests', (address) => {
    expect(isSlackAddress(address, true)).toBe(false);
  });

  it('is shown by its end alone', () => {
    expect(maskedAddress(SLACK)).toBe('https://hooks.slack.com/services/********cret');
    expect(maskedAddress('http://127.0.0.1:4000/hook')).toBe('http://127.0.0.1:4000/********hook');
  });
});

describe('text for Slack', () => {
  it.each([
    ['<!channel>', '&lt;!channel&gt;'],
    ['<https://evil.example|click>', '&lt;https://evil.example|click&gt;'],
    ['a & b &lt;', 'a &amp; b &amp;lt;'],
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
  ])('%s is no markup', (text, escaped) => {
    expect(escapedForSlack(text)).toBe(escaped);
  });
});
