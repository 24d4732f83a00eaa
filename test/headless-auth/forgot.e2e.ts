import pino from 'pino';
import { JsonLogger } from '../../apps/api/src/json-logger.js';
import type { Answer } from '../support/client.js';
import { tokenIn } from '../support/mailbox.js';
import { PASSWORD, World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await World.start();
  world.instance.app.useLogger(new JsonLogger(pino({ level: 'trace' }, { write: (line: string) => void world.logs.push(line) })));
});
afterAll(async () => {
  await world.stop();
});

const nobody = () => world.stranger.at(`${world.instance.base}/api/v1`);
const forgot = (email: unknown, headers: Record<string, string> = {}) => nobody().with(headers).post('/auth/forgot_password', { email });
const shape = ({ status, body, headers }: Answer) => [status, body, headers.get('content-length'), headers.get('content-language')];

describe('the mail of a reset', () => {
  it('is in the language, the name and the sender of the product, and Kiket is nowhere in it', async () => {
    const { email } = await world.register();
    await world.visitor.post('/auth/forgot_password', { email });
    const mail = await world.mailbox.reset(email);
    expect(mail.from?.value).toEqual([{ name: 'Správce GDPR', address: 'noreply@spravce-gdpr.cz' }]);
    expect(mail.replyTo?.value).toMatchObject([{ address: 'podpora@spravce-gdpr.cz' }]);
    expect(mail.recipients).toEqual([email]);
    expect(mail.headers.get('content-language')).toBe('cs');
    expect(mail.text).toMatch(/hesl/);
    expect(mail.text).toContain('Správce GDPR');
    const whole = [mail.subject, mail.text, mail.html, ...mail.headerLines.map(({ line }) => line)].join('\n');
    expect(whole).not.toMatch(/kiket/i);
  });

  it("is in the recipient's language, not in that of who asks", async () => {
    const { email, client } = await world.register();
    await client.put('/auth/me', { locale: 'de' });
    await forgot(email, { 'accept-language': 'en' });
    expect((await world.mailbox.reset(email)).headers.get('content-language')).toBe('de');
  });

  it.each([
    ['Host', { host: 'evil.example' }],
    ['X-Forwarded-Host', { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' }],
    ['Forwarded', { forwarded: 'host=evil.example' }],
    ['Origin and Referer', { origin: 'https://evil.example', referer: 'https://evil.example/' }],
  ])("has the product's own link, whatever %s says", async (_, headers) => {
    const { email } = await world.register();
    await forgot(email, headers);
    const { text, html } = await world.mailbox.reset(email);
    expect(text).toMatch(/https:\/\/app\.spravce-gdpr\.cz\/reset-password\?token=krt_[0-9a-f]{48}\b/);
    expect(`${text}${html || ''}`).not.toContain('evil.example');
  });

  it('goes to the stored address alone, however the address is written by who asks', async () => {
    const name = `mike${Date.now()}`;
    await world.register({ email: `${name}@acme.cz` });
    const alike = `${name}@acme.cz`.replace('k', '\u212A');
    expect((await forgot(alike)).status).toBe(202);
    expect((await world.mailbox.reset(`${name}@acme.cz`)).recipients).toEqual([`${name}@acme.cz`]);
    expect(world.mailbox.count(alike)).toBe(0);
  });
});

describe('the product of a reset', () => {
  const GDPR = 'noreply@spravce-gdpr.cz';
  const KANZLEI = 'post@kanzlei.example';

  async function senderFor(email: string, headers: Record<string, string> = {}): Promise<string | undefined> {
    const before = world.mailbox.received.length;
    await forgot(email, headers);
    const mail = await world.mailbox.reset(email, (one) => world.mailbox.received.indexOf(one) >= before);
    return mail.from?.value[0]?.address;
  }

  it('is that of the header, else of the Origin, else of the latest session, else of the newest membership', async () => {
    const { email, id } = await world.register();
    await world.register({ email, product: 'kanzlei' });
    await world.login(email);
    expect(await senderFor(email, { 'x-product-slug': 'kanzlei', origin: 'https://app.spravce-gdpr.cz' })).toBe(KANZLEI);
    expect(await senderFor(email, { origin: 'https://kanzlei.example' })).toBe(KANZLEI);
    expect(await senderFor(email)).toBe(GDPR);
    await world.database.sql('DELETE FROM attempts');
    await world.database.sql('DELETE FROM sessions WHERE user_id = $1', [id]);
    expect(await senderFor(email)).toBe(KANZLEI);
  });

  it('is the first-party one for who belongs nowhere, and for whom only a retired one is left', async () => {
    const alone = await world.register();
    await world.database.sql('DELETE FROM sessions WHERE user_id = $1', [alone.id]);
    await world.database.sql('UPDATE memberships SET ended_at = now() WHERE user_id = $1', [alone.id]);
    expect(await senderFor(alone.email)).toBe('noreply@kiket.dev');
    const { email } = await world.register({ product: 'paid-only' });
    await world.database.sql(`UPDATE products SET active = false WHERE slug = 'paid-only'`);
    expect(await senderFor(email)).toBe('noreply@kiket.dev');
    await world.database.sql(`UPDATE products SET active = true WHERE slug = 'paid-only'`);
  });

  it('that is unknown is taken for none', async () => {
    const { email } = await world.register();
    expect(await senderFor(email, { 'x-product-slug': 'nobody' })).toBe(GDPR);
  });
});

describe('asking for a reset', () => {
  it('answers the same, known or not, disabled or flooded', async () => {
    const known = await world.register();
    const disabled = await world.register();
    await world.database.sql('UPDATE users SET disabled_at = now() WHERE id = $1', [disabled.id]);
    const answers: unknown[][] = [];
    for (const email of [known.email, world.freshEmail(), disabled.email, known.email, known.email, known.email]) answers.push(shape(await forgot(email)));
    expect(answers[0]?.slice(0, 2)).toEqual([202, { status: 'accepted' }]);
    expect(answers).toEqual(answers.map(() => answers[0]));
    await allDone();
    expect(world.mailbox.count(disabled.email)).toBe(0);
  });

  it('sends three mails an hour to one account at most, and still answers 202', async () => {
    const { email } = await world.register();
    const answers = await Promise.all(Array.from({ length: 8 }, () => forgot(email)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    await allDone();
    expect(world.mailbox.count(email)).toBe(3);
    world.clock.advance({ hours: 1, seconds: 1 });
    await forgot(email);
    await allDone();
    expect(world.mailbox.count(email)).toBe(4);
  });

  it('writes the token nowhere but into its mail', async () => {
    const { email } = await world.register();
    const asked = await forgot(email);
    const token = tokenIn(await world.mailbox.reset(email));
    const used = await world.visitor.put('/auth/reset_password', { token, password: PASSWORD });
    const refused = await world.visitor.put('/auth/reset_password', { token, password: PASSWORD });
    expect(used.status).toBe(200);
    await allDone();
    for (const { body, headers } of [asked, used, refused]) expect(JSON.stringify([body, [...headers]])).not.toContain(token.slice(4));
    expect(world.logs.length).toBeGreaterThan(0);
    expect(world.logs.join('')).not.toContain(token.slice(4));
    const stored = await world.database.sql<{ row: string }>('SELECT a::text AS row FROM audit_entries a UNION ALL SELECT r::text FROM password_resets r UNION ALL SELECT j::text FROM jobs.job j');
    expect(stored.map(({ row }) => row).join('')).not.toContain(token.slice(4));
  });

  /** Until no job waits: what has not gone out then never will. */
  async function allDone(): Promise<void> {
    for (;;) {
      const [row] = await world.database.sql<{ open: number }>(
        `SELECT count(*)::int AS open FROM jobs.job WHERE name IN ('mail', 'password-reset-requests') AND state IN ('created', 'retry', 'active')`,
      );
      if (row?.open === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
});
