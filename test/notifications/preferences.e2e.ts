import { Operator } from '../../apps/api/src/headless-auth/index.js';
import { Digests } from '../../apps/api/src/notifications/index.js';
import { eventually } from '../audit/trail.js';
import { endRounds } from '../jobs/no-rounds.js';
import { verdict } from '../members/invitations.js';
import type { Client } from '../support/client.js';
import type { ReceivedMail } from '../support/mailbox.js';
import { type Instance, type Person, World } from '../support/world.js';
import { faults } from '../workspace/faults.js';

const OWN_TYPES = ['sla_warning', 'workflow_transition', 'new_comment', 'assignment', 'security_alert'];
const DEFAULTS = OWN_TYPES.map((type) => ({ type, in_app: true, email: false }));

let world: World;
let other: Instance;
let admin: Person;
beforeAll(async () => {
  world = await World.start();
  other = await world.anotherInstance();
  await endRounds(world.instance, other);
});
afterAll(async () => {
  await world.stop();
});
beforeEach(async () => {
  admin = await world.register({ name: 'Avery', organization: 'Acme' });
});

const put = async (preferences: unknown, client: Client = admin.client) => client.put('/notification_preferences', { notification_preferences: { preferences } });
const list = async (client: Client = admin.client) => (await client.get('/notification_preferences')).body;
const titles = async ({ client }: Person) => (await client.get('/notifications')).body.data.map(({ title }: { title: string }) => title);

async function tell(count: number, to: readonly Person[] = [admin], fields: object = {}): Promise<void> {
  for (let turn = 1; turn <= count; turn += 1) {
    const notification = { user_ids: to.map(({ id }) => id), type: 'news', title: `News ${turn}`, message: `What ${turn} is about.`, ...fields };
    const answer = await admin.client.post('/notifications', { notification });
    if (answer.status !== 201) throw new Error(`tell: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
}

/** What was told has waited for long enough to be mailed, and the last mail was long ago. */
async function passTime(by: string): Promise<void> {
  await world.database.sql(`UPDATE notification_mails SET created_at = created_at - $1::interval`, [by]);
  await world.database.sql(`UPDATE notification_digests SET sent_at = sent_at - $1::interval`, [by]);
}

const sendDue = async ({ app }: Instance = world.instance) => app.get(Digests).send();
const digests = ({ email }: Person) => world.mailbox.received.filter((mail) => mail.recipients.includes(email) && mail.text?.includes('News') === true);
const textOf = (mail: ReceivedMail | undefined) => mail?.text ?? '';

/** Every mail that was queued has gone out. */
async function delivered(): Promise<void> {
  await eventually(async () => (await world.database.sql(`SELECT 1 FROM jobs.job WHERE state IN ('created', 'retry', 'active') AND name LIKE '%mail%'`)).length === 0, 20);
}

describe('preferences', () => {
  it('are at first to be told in the inbox and not by mail', async () => {
    expect(await list()).toEqual({ preferences: DEFAULTS });
  });

  it('change by what is sent, and what is left out stays', async () => {
    const { status, body } = await put([{ type: 'new_comment', email: true }, { type: 'assignment', in_app: false }]);
    const changed = DEFAULTS.map((one) => (one.type === 'new_comment' ? { ...one, email: true } : one.type === 'assignment' ? { ...one, in_app: false } : one));
    expect([status, body]).toEqual([200, { preferences: changed }]);
    expect((await put([{ type: 'new_comment', in_app: false }])).body.preferences).toContainEqual({ type: 'new_comment', in_app: false, email: true });
    expect((await put([])).body).toEqual(await list());
    expect((await list()).preferences).toContainEqual({ type: 'assignment', in_app: false, email: false });
  });

  it('may be about an integration’s own types, which stand after the workspace’s', async () => {
    await put([{ type: 'zeta', email: true }, { type: 'alpha', in_app: false }]);
    expect((await list()).preferences).toEqual([...DEFAULTS, { type: 'alpha', in_app: false, email: false }, { type: 'zeta', in_app: true, email: true }]);
  });

  it('may be sent bare, and are one’s own in each organization', async () => {
    const eva = await world.member(admin);
    const beta = await world.register({ email: admin.email, organization: 'Beta' });
    expect((await admin.client.put('/notification_preferences', { preferences: [{ type: 'assignment', email: true }] })).status).toBe(200);
    for (const { client } of [eva, beta]) expect(await list(client)).toEqual({ preferences: DEFAULTS });
  });

  it.each<[string, unknown, string]>([
    ['nothing', null, 'preferences:blank'],
    ['a word', 'x', 'preferences:not_a_list'],
    ['an object', {}, 'preferences:not_a_list'],
    ['numbers', [1], 'preferences:invalid'],
    ['nulls', [null], 'preferences:invalid'],
    ['without a type', [{ email: true }], 'preferences:invalid'],
    ['of a type with a capital', [{ type: 'News' }], 'preferences:invalid'],
    ['of a list of types', [{ type: ['news'] }], 'preferences:invalid'],
    ['in words', [{ type: 'news', email: 'yes' }], 'preferences:invalid'],
    ['neither', [{ type: 'news', in_app: null }], 'preferences:invalid'],
    ['valid but for the last', [{ type: 'news', email: true }, { type: '' }], 'preferences:invalid'],
    ['a hundred and one', Array.from({ length: 101 }, (_, index) => ({ type: `t${index}` })), 'preferences:too_many'],
  ])('are not %s', async (_, preferences, fault) => {
    expect(faults(await put(preferences))).toBe(`422 ${fault}`);
    expect(await list()).toEqual({ preferences: DEFAULTS });
  });

  it('are of a hundred types at most, however they are sent', async () => {
    const types = (count: number, name: string) => Array.from({ length: count }, (_, index) => ({ type: `${name}${index}`, email: true }));
    expect((await put(types(90, 'a'))).status).toBe(200);
    expect(verdict(await put(types(6, 'b')))).toBe('422 limit_reached');
    expect((await put(types(5, 'b'))).status).toBe(200);
    expect((await list()).preferences).toHaveLength(100);
  });

  it('of one type by two ways, changed at once, are both kept; and at once they are a hundred at most', async () => {
    for (let round = 0; round < 10; round += 1) {
      await Promise.all([put([{ type: `both${round}`, email: true }]), put([{ type: `both${round}`, in_app: false }])]);
      expect((await list()).preferences).toContainEqual({ type: `both${round}`, in_app: false, email: true });
    }
    await Promise.all(Array.from({ length: 20 }, async (_, index) => put(Array.from({ length: 10 }, (__, n) => ({ type: `many${index}.${n}`, email: true })))));
    expect((await list()).preferences.length).toBeLessThanOrEqual(100);
  });

  it('changed twenty times at once are all kept', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, async (_, index) => put([{ type: `race${index}`, email: true }, { type: 'assignment', email: true }])));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect((await list()).preferences).toHaveLength(OWN_TYPES.length + 20);
  });
});

describe('in the inbox', () => {
  it('is not told what one does not want there, and others are', async () => {
    const eva = await world.member(admin);
    await put([{ type: 'news', in_app: false }], eva.client);
    const notification = { user_ids: [admin.id, eva.id], type: 'news', title: 'News', message: 'x' };
    const { body } = await admin.client.post('/notifications', { notification });
    expect(body.notifications).toEqual([{ id: expect.any(Number), user_id: admin.id }]);
    await tell(1, [eva], { type: 'other', title: 'Other' });
    expect([await titles(admin), await titles(eva)]).toEqual([['News'], ['Other']]);
    expect((await eva.client.get('/notifications/unread_count')).body).toEqual({ unread_count: 1 });
    await put([{ type: 'news', in_app: true }], eva.client);
    await tell(1, [eva]);
    expect(await titles(eva)).toEqual(['News 1', 'Other']);
  });
});

describe('by mail', () => {
  it('comes one mail about ten things, and none to who did not ask', async () => {
    const eva = await world.member(admin);
    await put([{ type: 'news', email: true }]);
    await tell(10, [admin, eva]);
    await sendDue();
    await delivered();
    // What comes in a burst is collected first.
    expect(digests(admin)).toHaveLength(0);
    await passTime('2 minutes');
    await sendDue();
    const mail = await world.mailbox.to(admin.email, (one) => textOf(one).includes('News 10'));
    for (let turn = 1; turn <= 10; turn += 1) expect(textOf(mail)).toContain(`What ${turn} is about.`);
    expect(textOf(mail).indexOf('News 2')).toBeLessThan(textOf(mail).indexOf('News 9'));
    expect(mail.recipients).toEqual([admin.email]);
    await sendDue();
    await delivered();
    expect([digests(admin), digests(eva)].map(({ length }) => length)).toEqual([1, 0]);
    expect(await titles(admin)).toHaveLength(10);
  });

  it('comes what is wanted by mail alone', async () => {
    await put([{ type: 'news', in_app: false, email: true }]);
    await tell(1);
    await passTime('2 minutes');
    await sendDue();
    await world.mailbox.to(admin.email, (one) => textOf(one).includes('News 1'));
    expect(await titles(admin)).toEqual([]);
  });

  it('comes no second within ten minutes, and what came meanwhile comes after them, together', async () => {
    await put([{ type: 'news', email: true }]);
    await tell(1);
    await passTime('2 minutes');
    await sendDue();
    await world.mailbox.to(admin.email, (one) => textOf(one).includes('News 1'));
    await tell(2, [admin], { message: 'Later.' });
    await passTime('9 minutes');
    await sendDue();
    await delivered();
    expect(digests(admin)).toHaveLength(1);
    await passTime('2 minutes');
    await sendDue();
    const second = await world.mailbox.to(admin.email, (one) => textOf(one).includes('Later.'));
    expect(textOf(second).split('Later.')).toHaveLength(3);
    expect(textOf(second)).not.toContain('What 1 is about.');
    await delivered();
    expect(digests(admin)).toHaveLength(2);
  });

  it('tells twenty and counts the rest', async () => {
    await put([{ type: 'news', email: true }]);
    await tell(23);
    await passTime('2 minutes');
    await sendDue();
    const text = textOf(await world.mailbox.to(admin.email, (one) => textOf(one).includes('News 20')));
    expect([text.includes('What 20 is about.'), text.includes('What 21 is about.')]).toEqual([true, false]);
    expect(text).toContain('A ještě 3 další.');
  });

  it.each([
    ['cs', 'Správce GDPR: 2 nová oznámení', 'V organizaci Acme je nového'],
    ['de', 'Správce GDPR: 2 neue Benachrichtigungen', 'Das ist neu in der Organisation Acme'],
    ['en', 'Správce GDPR: 2 new notifications', 'This is new in the organization Acme'],
  ])('is written in the reader’s language, whoever wrote, and bears the product’s name alone: %s', async (locale, subject, lead) => {
    const eva = await world.member(admin);
    await eva.client.put('/auth/me', { locale });
    await put([{ type: 'news', email: true }], eva.client);
    await tell(2, [eva]);
    await passTime('2 minutes');
    await sendDue();
    const mail = await world.mailbox.to(eva.email, (one) => textOf(one).includes('News 2'));
    expect(mail.subject).toBe(subject);
    expect(textOf(mail)).toContain(lead);
    expect(mail.from?.value).toEqual([{ name: 'Správce GDPR', address: 'noreply@spravce-gdpr.cz' }]);
    expect(textOf(mail)).toContain('https://app.spravce-gdpr.cz');
    expect([mail.subject, textOf(mail), mail.html || ''].join(' ')).not.toMatch(/kiket/i);
  });

  it('leads to the thing itself where it is one, and shows what was written as text', async () => {
    await put([{ type: 'news', email: true }]);
    await tell(1, [admin], { title: 'News <img src=x onerror=alert(1)>', message: '<b>bold</b> {name} $t(x)', url: '/exports/12' });
    await passTime('2 minutes');
    await sendDue();
    const mail = await world.mailbox.to(admin.email, (one) => textOf(one).includes('News <img'));
    expect(textOf(mail)).toContain('https://app.spravce-gdpr.cz/exports/12');
    expect(textOf(mail)).toContain('<b>bold</b> {name} $t(x)');
    expect(mail.html).not.toMatch(/<img src=x|<b>bold/);
    expect(mail.html).toContain('&lt;b&gt;bold');
  });

  const leaving: [string, (person: Person) => Promise<unknown>][] = [
    ['has left', async ({ id }) => admin.client.delete(`/users/${id}`)],
    ['is disabled', async ({ email }) => world.instance.app.get(Operator).disableUser(email)],
  ];
  it.each(leaving)('is not written to who %s meanwhile', async (_, leave) => {
    const eva = await world.member(admin);
    for (const { client } of [admin, eva]) await put([{ type: 'news', email: true }], client);
    await tell(1, [eva, admin]);
    await leave(eva);
    await passTime('2 minutes');
    await sendDue();
    await world.mailbox.to(admin.email, (one) => textOf(one).includes('News 1'));
    await delivered();
    expect(digests(eva)).toEqual([]);
    expect(await world.database.sql('SELECT 1 FROM notification_mails')).toEqual([]);
  });

  it('comes once from two instances that look at the same time', async () => {
    const people = [admin, ...(await Promise.all([1, 2, 3, 4].map(async () => world.member(admin))))];
    for (const { client } of people) await put([{ type: 'news', email: true }], client);
    for (let round = 1; round <= 4; round += 1) {
      await tell(6, people);
      await passTime('11 minutes');
      await Promise.all([sendDue(), sendDue(other), sendDue(), sendDue(other)]);
      await delivered();
      expect(await world.database.sql('SELECT 1 FROM notification_mails')).toEqual([]);
      await eventually(async () => people.every((person) => digests(person).length >= round));
      for (const person of people) {
        expect(digests(person)).toHaveLength(round);
        expect(textOf(digests(person).at(-1)).match(/What \d is about/g)).toHaveLength(6);
      }
    }
  });

  it('passes over whom another instance is about to write to, and takes them where it died', async () => {
    const eva = await world.member(admin);
    for (const { client } of [admin, eva]) await put([{ type: 'news', email: true }], client);
    await tell(3, [admin]);
    await tell(3, [eva]);
    await passTime('2 minutes');
    const state = { done: false };
    await world.database.sql('BEGIN');
    await world.database.sql('SELECT FROM notification_mails ORDER BY id LIMIT 1 FOR UPDATE');
    const sent = sendDue(other).then(() => { state.done = true; });
    try {
      await eventually(async () => state.done, 8);
    } finally {
      await world.database.sql('ROLLBACK');
      await sent;
    }
    await world.mailbox.to(eva.email, (one) => textOf(one).includes('News 3'));
    expect(digests(admin)).toEqual([]);
    await sendDue(other);
    await world.mailbox.to(admin.email, (one) => textOf(one).includes('News 3'));
    await delivered();
    expect([digests(admin), digests(eva)].map(({ length }) => length)).toEqual([1, 1]);
  });
});
