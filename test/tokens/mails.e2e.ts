import { ExpiryWarnings } from '../../apps/api/src/tokens/index.js';
import { eventually } from '../audit/trail.js';
import { endRounds } from '../jobs/no-rounds.js';
import { verdict } from '../members/invitations.js';
import type { ReceivedMail } from '../support/mailbox.js';
import { type Instance, type Person, type Token, World } from '../support/world.js';

const TOKENS = '/workspace_api_tokens';
const DAY_MS = 86_400_000;

let world: World;
let other: Instance;
beforeAll(async () => {
  world = await World.start();
  other = await world.anotherInstance();
  await endRounds(world.instance, other);
});
afterAll(async () => {
  await world.stop();
});

interface Office {
  readonly owner: Person;
  readonly admin: Person;
  readonly german: Person;
}

/** An owner who is no admin any more, two admins of whom one reads German, and a member who is told nothing. */
async function office(): Promise<Office> {
  const admin = await world.register({ name: 'Adam Admin', organization: 'Acme s.r.o.' });
  const [owner, german] = [await world.member(admin, 'admin'), await world.member(admin, 'admin')];
  await world.member(admin);
  await german.client.put('/auth/me', { locale: 'de', name: 'Gerda Groß' });
  await owner.client.put('/auth/me', { locale: 'en', name: 'Olga Owner' });
  return { owner, admin, german };
}

const endsIn = (days: number) => new Date(world.clock.now().getTime() + days * DAY_MS).toISOString();

async function scan(...instances: Instance[]): Promise<void> {
  const looking = instances.length === 0 ? [world.instance] : instances;
  await Promise.all(looking.map(async ({ app }) => app.get(ExpiryWarnings, { strict: false }).send()));
}

/** The mails that something causes, once all that waited have gone out: who got which subject. */
async function caused(act: () => Promise<unknown>): Promise<ReceivedMail[]> {
  await sent();
  const before = world.mailbox.received.length;
  await act();
  await sent();
  return world.mailbox.received.slice(before);
}

async function sent(): Promise<void> {
  await eventually(async () => (await world.database.sql(`SELECT FROM jobs.job WHERE name = 'mail'`)).length === 0);
}

const lines = (mails: readonly ReceivedMail[]) => mails.map(({ recipients, subject }) => `${recipients.join()} ${subject}`).sort();
const toAll = ({ owner, admin, german }: Office, en: string, cs: string, de: string) => [`${owner.email} ${en}`, `${admin.email} ${cs}`, `${german.email} ${de}`].sort();
const expiring = (people: Office, name = 'Deploy') =>
  toAll(people, `Správce GDPR: the API token “${name}” expires soon`, `Správce GDPR: platnost API tokenu „${name}“ brzy skončí`, `Správce GDPR: Das API-Token „${name}“ läuft bald ab`);

describe('a token that is about to expire', () => {
  it('is told of a week before and a day before, once each, to its owner and the admins, each in their language', async () => {
    const people = await office();
    await people.admin.client.patch(`/users/${people.owner.id}`, { user: { role: 'admin' } });
    await world.token(people.owner, { name: 'Deploy', expires_at: endsIn(30) });
    await people.admin.client.patch(`/users/${people.owner.id}`, { user: { role: 'viewer' } });
    const told: string[][] = [];
    const wait = async (days: number, ...instances: Instance[]) => {
      world.clock.advance({ days });
      const mails = await caused(async () => scan(...instances));
      told.push(lines(mails));
      return mails;
    };
    await wait(0);
    await wait(22.9);
    const week = await wait(0.2);
    await wait(0);
    await wait(3);
    await wait(2.8);
    const day = await wait(0.2, world.instance, other);
    await wait(0, world.instance, other);
    await wait(0.5);
    await wait(1);
    expect(told).toEqual([[], [], expiring(people), [], [], [], expiring(people), [], [], []]);
    const german = (mails: ReceivedMail[]) => mails.find(({ recipients }) => recipients.includes(people.german.email));
    expect(german(week)?.text).toContain('Guten Tag Gerda Groß');
    expect(german(week)?.text).toContain('„Deploy“ von Olga Owner in der Organisation Acme s.r.o.');
    expect([german(week)?.text, german(day)?.text]).toEqual([expect.stringContaining('Das ist in 7 Tagen.'), expect.stringContaining('Das ist in 1 Tag.')]);
    for (const { from, subject, text, html } of [...week, ...day]) {
      expect(from?.text).toBe('"Správce GDPR" <noreply@spravce-gdpr.cz>');
      expect(`${subject} ${text} ${String(html)}`).not.toMatch(/kiket|wksp_/i);
    }
  });

  it('is told of once where two instances look at once', async () => {
    const people = await office();
    for (let index = 0; index < 5; index += 1) await world.token(people.owner, { name: `Deploy ${index}`, expires_at: endsIn(30) });
    world.clock.advance({ days: 24 });
    const mails = await caused(async () => scan(world.instance, other, world.instance, other));
    expect(lines(mails)).toEqual([0, 1, 2, 3, 4].flatMap((index) => expiring(people, `Deploy ${index}`)).sort());
  });

  it('holds up no other while somebody else has it in hand', async () => {
    const people = await office();
    const held = await world.token(people.owner, { name: 'Held', expires_at: endsIn(8) });
    await world.token(people.owner, { name: 'Free', expires_at: endsIn(8) });
    world.clock.advance({ days: 2 });
    await world.database.sql('BEGIN');
    await world.database.sql('SELECT FROM workspace_tokens WHERE id = $1 FOR UPDATE', [held.id]);
    try {
      await scan();
    } finally {
      await world.database.sql('ROLLBACK');
    }
    await sent();
    expect(lines(await caused(scan))).toEqual(expiring(people, 'Held'));
    expect(world.mailbox.count(people.german.email)).toBe(3);
  });

  it('and was made for three days is told of a day before alone', async () => {
    const people = await office();
    await world.token(people.owner, { name: 'Deploy', expires_at: endsIn(3) });
    expect(lines(await caused(scan))).toEqual([]);
    world.clock.advance({ days: 2.1 });
    expect(lines(await caused(scan))).toEqual(expiring(people));
  });

  it('is not told of while its warning cannot be put in the queue, and is then', async () => {
    const people = await office();
    await world.token(people.owner, { name: 'Deploy', expires_at: endsIn(8) });
    world.clock.advance({ days: 2 });
    await world.database.sql('ALTER TABLE jobs.job_common RENAME TO gone');
    await expect(scan()).rejects.toThrow();
    await world.database.sql('ALTER TABLE jobs.gone RENAME TO job_common');
    expect(lines(await caused(scan))).toEqual(expiring(people));
  });

  it.each<[string, (token: Token, people: Office) => Promise<unknown>]>([
    ['was revoked', async ({ id }, { owner }) => owner.client.delete(`${TOKENS}/${id}`)],
    ['lost its owner', async (_, { owner, admin }) => admin.client.delete(`/users/${owner.id}`)],
  ])('is not told of where it %s', async (_, kill) => {
    const people = await office();
    const doomed = await world.token(people.owner, { name: 'Doomed', expires_at: endsIn(8) });
    await kill(doomed, people);
    world.clock.advance({ days: 2 });
    expect(lines(await caused(scan))).toEqual([]);
    world.clock.advance({ days: 5.5 });
    expect(lines(await caused(scan))).toEqual([]);
  });

  it('is told of to nobody who was disabled', async () => {
    const people = await office();
    await world.token(people.owner, { name: 'Deploy', expires_at: endsIn(8) });
    await world.database.sql('UPDATE users SET disabled_at = now() WHERE id = ANY($1)', [[people.owner.id, people.german.id]]);
    world.clock.advance({ days: 2 });
    expect((await caused(scan)).map(({ recipients }) => recipients)).toEqual([[people.admin.email]]);
  });

  it('of another product is told of under that product’s name', async () => {
    const owner = await world.register({ product: 'kanzlei' });
    await world.token(owner, { name: 'Deploy', expires_at: endsIn(8) });
    world.clock.advance({ days: 2 });
    const [mail, ...more] = await caused(scan);
    expect([mail?.from?.text, mail?.subject, mail?.recipients, more]).toEqual(['"Kanzlei" <post@kanzlei.example>', 'Kanzlei: Das API-Token „Deploy“ läuft bald ab', [owner.email], []]);
  });
});

describe.each<[string, (token: Token, by: Person | Token) => Promise<string>, (people: Office) => string[], string]>([
  [
    'rotated',
    async ({ id }, { client }) => verdict(await client.post(`${TOKENS}/${id}/rotate`)),
    (people) => toAll(people, 'Správce GDPR: the API token “Deploy” has a new secret', 'Správce GDPR: API token „Deploy“ má nový tajný klíč', 'Správce GDPR: Das API-Token „Deploy“ hat ein neues Geheimnis'),
    'Adam Admin gave the API token “Deploy” of Olga Owner in the organization Acme s.r.o. a new secret.',
  ],
  [
    'revoked',
    async ({ id }, { client }) => verdict(await client.delete(`${TOKENS}/${id}`)),
    (people) => toAll(people, 'Správce GDPR: the API token “Deploy” was revoked', 'Správce GDPR: API token „Deploy“ byl zrušen', 'Správce GDPR: Das API-Token „Deploy“ wurde widerrufen'),
    'Adam Admin revoked the API token “Deploy” of Olga Owner in the organization Acme s.r.o.',
  ],
])('a token that is %s', (_, act, mails, lead) => {
  let people: Office;
  let token: Token;
  beforeEach(async () => {
    people = await office();
    token = await world.token(people.owner, { name: 'Deploy' });
  });

  it('by somebody else is news to its owner and the admins', async () => {
    const came = await caused(async () => expect(await act(token, people.admin)).toMatch(/^20[04]$/));
    expect(lines(came)).toEqual(mails(people));
    const own = came.find(({ recipients }) => recipients.includes(people.owner.email));
    expect(own?.text?.replace(/\s+/g, ' ')).toContain(lead);
    for (const { subject, text, html } of came) expect(`${subject} ${text} ${String(html)}`).not.toMatch(/kiket|wksp_/i);
  });

  it('by somebody else’s token is news too, under the name of that token’s owner', async () => {
    const by = await world.token(people.german, { name: 'Keeper' });
    const came = await caused(async () => act(token, by));
    expect(lines(came)).toEqual(mails(people));
    for (const { text } of came) expect(text).toContain('Gerda Groß');
  });

  it('by its owner, or by a token of theirs, is none', async () => {
    const own = await world.token(people.owner, { name: 'Keeper' });
    expect(lines(await caused(async () => act(await world.token(people.owner, { name: 'Deploy' }), own)))).toEqual([]);
    expect(lines(await caused(async () => act(token, people.owner)))).toEqual([]);
  });

  it('in vain is no news: a refusal, or a second time', async () => {
    const foreign = await world.register();
    expect(lines(await caused(async () => act(token, foreign)))).toEqual([]);
    await people.owner.client.delete(`${TOKENS}/${token.id}`);
    expect(lines(await caused(async () => act(token, people.admin)))).toEqual([]);
  });
});
