import { randomBytes } from 'node:crypto';
import type { BrowserContext, Page } from 'playwright-core';
import { tell } from '../cable/telling.js';
import { ChromiumBrowser } from '../support/browser.js';
import { PASSWORD, type Person, World } from '../support/world.js';

const MARKUP = '<script>window.ran = true</script><img src=x onerror="window.ran = true">';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await world.stop();
});

const address = () => `${world.instance.base}/api/demo/notifications`;

it('the demo page says by a policy what it may do', async () => {
  const { status, headers } = await world.stranger.get('/api/demo/notifications');
  expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe');
});

it('the demo page is for development alone', async () => {
  const key = randomBytes(32).toString('base64');
  const production = await World.start({ env: { NODE_ENV: 'production', RATE_LIMITS: 'on', MAIL_FROM: 'a@acme.cz', SECRETS_KEY: key, PASSWORD_PEPPER: key } });
  try {
    expect((await production.stranger.get('/api/demo/notifications')).status).toBe(404);
  } finally {
    await production.stop();
  }
});

(ChromiumBrowser.isInstalled('the demo page in a browser') ? describe : describe.skip)('the demo page in a browser', () => {
  let chromium: ChromiumBrowser;
  let context: BrowserContext;
  let person: Person;
  beforeAll(async () => {
    chromium = await ChromiumBrowser.start();
  });
  afterAll(async () => {
    await chromium.stop();
  });
  beforeEach(async () => {
    context = await chromium.context();
    person = await world.register({ product: 'kiket' });
  });
  afterEach(async () => {
    await context.close();
  });

  /** The page, and whatever it complains of. */
  async function opened(): Promise<{ page: Page; complaints: string[] }> {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => void (['error', 'warning'].includes(message.type()) && complaints.push(message.text())));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(address());
    return { page, complaints };
  }

  async function signIn(page: Page, password = PASSWORD): Promise<void> {
    await page.getByLabel('Email').fill(person.email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }

  async function live(): Promise<{ page: Page; complaints: string[] }> {
    const { page, complaints } = await opened();
    await signIn(page);
    await page.getByText('Live.').waitFor();
    return { page, complaints };
  }

  const headline = (page: Page) => page.getByRole('heading').innerText();
  const items = (page: Page) => page.getByRole('listitem').allInnerTexts();
  const unread = async (page: Page) => page.locator('li.unread').count();

  it('signs in, lists what is there, and shows what comes without being loaded again', async () => {
    await tell(person, [person], { title: 'Before' });
    const { page, complaints } = await live();
    expect(await page.getByRole('button', { name: 'Sign in' }).isVisible()).toBe(false);
    expect([await headline(page), (await items(page)).map((text) => text.split(' ')[0])]).toEqual(['Notifications (1)', ['Before']]);
    await page.evaluate('window.sameDocument = true');
    await world.clock.standing(async () => {
      await tell(person, [person], { title: 'While', message: 'It came.', url: '/issues/7' });
      await page.getByText('While').waitFor();
    });
    expect(await items(page)).toEqual(['While It came. now /issues/7', expect.stringMatching(/^Before There is news\. /)]);
    expect([await headline(page), await unread(page), await page.evaluate('window.sameDocument')]).toEqual(['Notifications (2)', 2, true]);
    expect(complaints).toEqual([]);
  });

  it('marks one as read, and then all, in each tab', async () => {
    for (const title of ['One', 'Two', 'Three']) await tell(person, [person], { title });
    const [{ page, complaints }, { page: tab }] = [await live(), await live()];
    await page.getByText('Two').click();
    for (const each of [page, tab]) await each.getByRole('heading', { name: 'Notifications (2)' }).waitFor();
    await page.locator('li:not(.unread)').waitFor();
    expect(await page.locator('li:not(.unread)').allInnerTexts()).toEqual([expect.stringMatching(/^Two /)]);
    await page.getByRole('button', { name: 'Mark all as read' }).click();
    for (const each of [page, tab]) await each.getByRole('heading', { name: /^Notifications$/ }).waitFor();
    expect([await unread(page), await unread(tab)]).toEqual([0, 0]);
    expect((await person.client.get('/notifications/unread_count')).body).toEqual({ unread_count: 0 });
    expect(complaints).toEqual([]);
  });

  it('loses nothing that comes while it loads the list, and shows nothing twice', async () => {
    await tell(person, [person], { title: 'Before' });
    const { page, complaints } = await opened();
    await page.route('**/api/v1/notifications', async (route) => {
      const response = await route.fetch();
      await tell(person, [person], { title: 'After the reading' });
      // Where it is not heard, it is missed below.
      await page.getByText('After the reading').waitFor({ timeout: 5_000 }).catch(() => undefined);
      await route.fulfill({ response });
    });
    await page.route('**/api/v1/auth/login', async (route) => {
      const response = await route.fetch();
      await tell(person, [person], { title: 'Before the socket' });
      await route.fulfill({ response });
    });
    await signIn(page);
    await page.getByText('Live.').waitFor();
    expect((await items(page)).map((text) => text.split(' There')[0])).toEqual(['After the reading', 'Before the socket', 'Before']);
    expect(await headline(page)).toBe('Notifications (3)');
    expect(complaints).toEqual([]);
  });

  it('says what is wrong with a wrong password, and takes the right one then', async () => {
    const { page, complaints } = await opened();
    await signIn(page, 'wrong');
    const { body } = await world.visitor.product('kiket').post('/auth/login', { email: person.email, password: 'wrong' });
    await page.getByRole('alert').getByText(body.message as string, { exact: true }).waitFor();
    expect(page.url()).toBe(address());
    await signIn(page);
    await page.getByText('Live.').waitFor();
    expect(await page.getByRole('alert').innerText()).toBe('');
    // The browser's own word on the answer.
    expect(complaints).toEqual([expect.stringContaining('401')]);
  });

  it('says that its session has ended', async () => {
    const { page } = await live();
    await (await world.login(person.email, PASSWORD, 'kiket')).client.delete('/auth/sessions');
    await page.getByText('Disconnected: remote').waitFor();
  });

  it('shows what was written as text, listed and live', async () => {
    await tell(person, [person], { title: MARKUP, message: MARKUP });
    const { page, complaints } = await live();
    await tell(person, [person], { title: MARKUP, message: MARKUP, url: '/live' });
    await page.getByText('/live').waitFor();
    expect((await items(page)).map((text) => text.startsWith(`${MARKUP} ${MARKUP} `))).toEqual([true, true]);
    expect(await page.evaluate('[window.ran, document.images.length]')).toEqual([undefined, 0]);
    expect(complaints).toEqual([]);
  });

  it('runs nothing and speaks to nobody beyond its policy', async () => {
    const { page, complaints } = await opened();
    await page.evaluate(`document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.ran = true' }))`);
    const refused = await page.evaluate(`fetch('http://localhost:1/').then(() => 'reached', () => 'refused')`);
    expect([await page.evaluate('window.ran'), refused]).toEqual([undefined, 'refused']);
    expect(complaints).toEqual([
      expect.stringMatching(/^Executing inline script violates .* 'script-src /),
      expect.stringContaining("violates the following Content Security Policy directive: \"connect-src 'self'\""),
      expect.stringContaining('Refused to connect'),
    ]);
  });
});
