import { type Person, World } from '../support/world.js';
import { CableClient, EXT, type Frame, NOTIFICATIONS, V1 } from './cable-client.js';
import { tell } from './telling.js';

const LONGEST_IDENTIFIER = 4_096;
const MOST_COMMANDS = 100;
const MOST_SUBSCRIPTIONS = 50;
const LARGEST_BYTES = 64 * 1024;

let world: World;
let admin: Person;
let reader: Person;
beforeAll(async () => {
  world = await World.start();
  admin = await world.register();
  reader = await world.member(admin);
});
afterEach(() => CableClient.closeAll());
afterAll(async () => {
  await world.stop();
});

const base = () => world.instance.base;
const connected = (person = reader) => CableClient.of(person, base());
const confirmed = (identifier: string): Frame => ({ identifier, type: 'confirm_subscription' });
const rejected = (identifier: string): Frame => ({ identifier, type: 'reject_subscription' });
/** What came after the welcome and without what `settled` asks for. */
const answers = ({ frames }: CableClient) => frames.slice(1).filter(({ identifier }) => identifier?.includes('"Settled"') !== true);
/** To the letter, without pings. */
const said = ({ texts }: CableClient) => texts.filter((text) => !text.startsWith('{"type":"ping"'));
/** One more spelling of the same subscription. */
const spelling = (n: number) => JSON.stringify({ channel: 'NotificationsChannel', n });
const unread = async ({ client }: Person) => (await client.get('/notifications/unread_count')).body.unread_count as number;

const SPELLINGS = [
  NOTIFICATIONS,
  '{ "channel" : "NotificationsChannel" }',
  '\n{"channel":"NotificationsChannel"}\t',
  '{"channel":"Notifications\\u0043hannel"}',
  '{"channel":"NotificationsChannel","b":1,"a":2}',
  '{"channel":"NotificationsChannel","a":2,"b":1}',
  '{"channel":"NotificationsChannel","name":"Žofie 🦊 </script>","n":1e2}',
  '{"channel":"NotificationsChannel","__proto__":{"channel":"Other"}}',
];

describe('an identifier', () => {
  it.each(SPELLINGS)('comes back as it was sent, byte for byte: %j', async (identifier) => {
    const client = await connected();
    client.subscribing(identifier);
    await client.settled();
    expect(said(client)[1]).toBe(`{"identifier":${JSON.stringify(identifier)},"type":"confirm_subscription"}`);
  });

  it('that spells the same JSON differently is another subscription, with its own frames', async () => {
    const client = await connected();
    for (const identifier of SPELLINGS) await client.subscribe(identifier);
    const [id] = await tell(admin, [reader]);
    const frames = await client.heard(({ message }) => message !== undefined, SPELLINGS.length);
    expect(frames.map(({ identifier }) => identifier).sort()).toEqual([...SPELLINGS].sort());
    expect(client.notified).toEqual(SPELLINGS.map(() => id));

    client.send({ command: 'unsubscribe', identifier: NOTIFICATIONS });
    await client.settled();
    const [next] = await tell(admin, [reader]);
    await client.heard(({ message }) => message !== undefined, 2 * SPELLINGS.length - 1);
    const second = client.frames.filter(({ message }) => message !== undefined).slice(SPELLINGS.length);
    expect(second.map(({ identifier }) => identifier).sort()).toEqual(SPELLINGS.filter((spelled) => spelled !== NOTIFICATIONS).sort());
    expect(client.notified.slice(SPELLINGS.length)).toEqual(SPELLINGS.slice(1).map(() => next));
  });

  it.each([
    '{"channel":"Unknown"}',
    '{"channel":"notificationschannel"}',
    '{"channel":"NotificationsChannel "}',
    '{"channel":["NotificationsChannel"]}',
    '{"channel":{"channel":"NotificationsChannel"}}',
    '{"channel":null}',
    '{"CHANNEL":"NotificationsChannel"}',
    '{"__proto__":{"channel":"NotificationsChannel"}}',
    '{}',
    '[{"channel":"NotificationsChannel"}]',
    '["channel","NotificationsChannel"]',
    '"NotificationsChannel"',
    'NotificationsChannel',
    'null',
    '7',
    '',
    '{"channel":"NotificationsChannel"',
    '{"channel":"NotificationsChannel"} x',
    '{"channel":"NotificationsChannel","x":"\u0000"}',
    '['.repeat(100),
  ])('of no channel that there is: rejected, and nothing is told: %j', async (identifier) => {
    const client = await connected();
    client.subscribing(identifier);
    await client.settled();
    expect(answers(client)).toEqual([rejected(identifier)]);
    await client.subscribe();
    await tell(admin, [reader]);
    await client.heard(({ message }) => message !== undefined);
    expect(client.messages).toHaveLength(1);
  });

  it('is as long as it may be, and no longer', async () => {
    const [client, [fits, tooLong]] = [await connected(), [LONGEST_IDENTIFIER, LONGEST_IDENTIFIER + 1].map((length) => {
      const rest = JSON.stringify({ channel: 'NotificationsChannel', rest: '' });
      return rest.replace('""', `"${'x'.repeat(length - rest.length)}"`);
    })];
    for (const identifier of [fits, tooLong]) client.subscribing(identifier);
    await client.settled();
    expect(answers(client)).toEqual([confirmed(fits ?? ''), rejected(tooLong ?? '')]);
  });

  it('names no other user, whatever it says', async () => {
    const parameters = { user_id: admin.id, user: admin.id, id: admin.id, membership_id: 1, organization_id: 1, token: admin.accessToken, stream: 'notifications:1' };
    const identifier = JSON.stringify({ channel: 'NotificationsChannel', ...parameters });
    const client = await CableClient.listening(reader, base(), undefined, identifier);
    const [foreign] = await tell(admin, [admin]);
    const [own] = await tell(admin, [reader]);
    await client.heard(({ message }) => message !== undefined);
    await client.settled();
    expect(client.notified).toEqual([own]);
    expect(own).not.toBe(foreign);
  });
});

describe('a subscription', () => {
  it('is confirmed once it is live: what is sent at that moment arrives', async () => {
    const clients = await Promise.all(Array.from({ length: 10 }, async () => connected()));
    const sent: (number | undefined)[] = [];
    for (const client of clients) {
      await client.subscribe();
      sent.push((await tell(admin, [reader]))[0]);
    }
    await Promise.all(clients.map(async (client, place) => client.heard(({ message }) => message !== undefined, sent.length - place)));
    clients.forEach((client, place) => expect(client.notified).toEqual(sent.slice(place)));
  });

  it('that is there already is not confirmed again', async () => {
    const client = await connected();
    for (let times = 0; times < 3; times += 1) client.subscribing();
    client.subscribing(spelling(1));
    client.subscribing();
    await client.settled();
    expect(answers(client)).toEqual([confirmed(NOTIFICATIONS), confirmed(spelling(1))]);
    await tell(admin, [reader]);
    await client.heard(({ message }) => message !== undefined, 2);
    await client.settled();
    expect(client.messages).toHaveLength(2);
  });

  it('ends without a word, hears nothing more, and can be made anew', async () => {
    const client = await connected();
    await client.subscribe();
    client.send({ command: 'unsubscribe', identifier: NOTIFICATIONS });
    client.send({ command: 'unsubscribe', identifier: NOTIFICATIONS });
    client.send({ command: 'unsubscribe', identifier: spelling(7) });
    await client.settled();
    const witness = await CableClient.listening(reader, base());
    await tell(admin, [reader]);
    await witness.heard(({ message }) => message !== undefined);
    await client.settled();
    expect(answers(client)).toEqual([confirmed(NOTIFICATIONS)]);

    await client.subscribe();
    const [id] = await tell(admin, [reader]);
    await client.heard(({ message }) => message !== undefined);
    expect(client.notified).toEqual([id]);
  });
});

describe('perform', () => {
  async function withOne(): Promise<{ client: CableClient; id: number; count: number }> {
    await reader.client.post('/notifications/read_all');
    const client = await connected();
    await client.subscribe();
    const [id = 0] = await tell(admin, [reader]);
    // The count of what was read above may come first.
    await client.heard(() => client.notified.includes(id));
    return { client, id, count: await unread(reader) };
  }

  it('marks one as read, once', async () => {
    const { client, id, count } = await withOne();
    expect(count).toBe(1);
    client.perform('mark_as_read', { id });
    client.perform('mark_as_read', { id });
    await client.settled();
    const { body } = await reader.client.get('/notifications?per_page=1');
    expect(body.data[0]).toMatchObject({ id, read_at: expect.stringMatching(/Z$/) });
    expect(await unread(reader)).toBe(0);
    expect(client.isOpen).toBe(true);
  });

  it.each<[string, (id: number) => object]>([
    ['of an unknown action', (id) => ({ data: JSON.stringify({ action: 'destroy', id }) })],
    ['of the action of an object’s own', (id) => ({ data: JSON.stringify({ action: 'constructor', id }) })],
    ['without an action', (id) => ({ data: JSON.stringify({ id }) })],
    ['whose data is an object', (id) => ({ data: { action: 'mark_as_read', id } })],
    ['whose data is not JSON', (id) => ({ data: `{"action":"mark_as_read","id":${id}` })],
    ['whose data is a list', (id) => ({ data: JSON.stringify(['mark_as_read', id]) })],
    ['whose data is null', () => ({ data: 'null' })],
    ['without data', () => ({})],
    ['of what it has not subscribed to', (id) => ({ identifier: spelling(8), data: JSON.stringify({ action: 'mark_as_read', id }) })],
    ['without an id', () => ({ data: JSON.stringify({ action: 'mark_as_read' }) })],
    ['of a list of ids', (id) => ({ data: JSON.stringify({ action: 'mark_as_read', id: [id] }) })],
    ['of a broken id', () => ({ data: '{"action":"mark_as_read","id":1e308}' })],
    ['of an id beyond the database’s', () => ({ data: '{"action":"mark_as_read","id":9223372036854775808}' })],
    ['of a negative id', (id) => ({ data: JSON.stringify({ action: 'mark_as_read', id: -id }) })],
    ['of SQL', (id) => ({ data: JSON.stringify({ action: 'mark_as_read', id: `${id} OR 1=1` }) })],
  ])('%s changes nothing and is not answered', async (_, command) => {
    const { client, id } = await withOne();
    const before = answers(client);
    client.send({ command: 'message', identifier: NOTIFICATIONS, ...command(id) });
    await client.settled();
    expect(answers(client)).toEqual(before);
    expect(await unread(reader)).toBe(1);
  });

  it('marks nothing of anybody else’s', async () => {
    const [foreign] = await tell(admin, [admin]);
    const before = await unread(admin);
    const { client } = await withOne();
    client.perform('mark_as_read', { id: foreign });
    await client.settled();
    expect(await unread(admin)).toBe(before);
  });
});

describe('commands', () => {
  it('are handled strictly one after the other, however long each takes', async () => {
    const client = await connected();
    await world.database.sql('BEGIN');
    await world.database.sql('LOCK TABLE inboxes');
    client.subscribing();
    client.subscribing('{"channel":"Unknown"}');
    client.send({ command: 'unsubscribe', identifier: NOTIFICATIONS });
    client.subscribing();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const early = client.frames.length;
    await world.database.sql('ROLLBACK');
    await client.settled();
    expect(early).toBe(1);
    expect(answers(client)).toEqual([confirmed(NOTIFICATIONS), rejected('{"channel":"Unknown"}'), confirmed(NOTIFICATIONS)]);
  });

  it('of a whole burst are answered in their order', async () => {
    const client = await connected();
    const expected: Frame[] = [];
    for (let n = 0; n < 30; n += 1) {
      client.subscribing(spelling(n));
      client.subscribing(`{"channel":"Unknown","n":${n}}`);
      client.send({ command: 'unsubscribe', identifier: spelling(n) });
      expected.push(confirmed(spelling(n)), rejected(`{"channel":"Unknown","n":${n}}`));
    }
    await client.settled();
    expect(answers(client)).toEqual(expected);
  });
});

describe('what is no command', () => {
  const subscribing = JSON.stringify({ command: 'subscribe', identifier: spelling(99) });
  const frames: [string, string | Buffer][] = [
    ['nothing', ''],
    ['a word', 'subscribe'],
    ['half of one', subscribing.slice(0, -1)],
    ['two in one', subscribing + subscribing],
    ['null', 'null'],
    ['a number', '42'],
    ['a string', JSON.stringify(subscribing)],
    ['a list', `[${subscribing}]`],
    ['an empty object', '{}'],
    ['one without an identifier', '{"command":"subscribe"}'],
    ['one whose identifier is an object', '{"command":"subscribe","identifier":{"channel":"NotificationsChannel"}}'],
    ['one whose identifier is null', '{"command":"subscribe","identifier":null}'],
    ['an unknown command', JSON.stringify({ command: 'whisper', identifier: NOTIFICATIONS })],
    ['a command in capitals', JSON.stringify({ command: 'SUBSCRIBE', identifier: spelling(99) })],
    ['a command that every object has', JSON.stringify({ command: 'constructor', identifier: NOTIFICATIONS })],
    ['a command that is a list', JSON.stringify({ command: ['subscribe'], identifier: spelling(99) })],
    ['a command of a prototype', `{"__proto__":${subscribing}}`],
    ['a prototype with members', '{"command":"message","identifier":"x","data":"{\\"__proto__\\":{\\"polluted\\":1}}","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'],
    ['a binary frame', Buffer.from(subscribing)],
    ['deep lists', '['.repeat(60_000)],
    ['deep objects', '{"a":'.repeat(12_000)],
    ['deep, and well formed', `{"command":${'['.repeat(30_000)}${']'.repeat(30_000)},"identifier":"x"}`],
    ['a byte order mark', `\ufeff${subscribing}`],
    ['a NUL', `\u0000${subscribing}`],
    ['a pong', '{"type":"pong"}'],
    ['a pong as a command', '{"command":"pong"}'],
    ['a type', '{"type":"disconnect","reason":"remote"}'],
    ['history of nothing', JSON.stringify({ command: 'history', identifier: NOTIFICATIONS, history: null })],
    ['white space', ' \n'.repeat(1_000)],
    ['the largest frame there may be', 'x'.repeat(LARGEST_BYTES)],
  ];

  it.each(frames)('is ignored, and the connection stays usable: %s', async (_, frame) => {
    for (const protocols of [[], [V1], [EXT]]) {
      const client = await CableClient.of(reader, base(), { protocols });
      client.send(frame);
      await client.subscribe();
      expect(answers(client)).toEqual([confirmed(NOTIFICATIONS)]);
      expect('polluted' in {}).toBe(false);
    }
  });

  it('is no reason for a word in the log', async () => {
    const client = await connected();
    const logged = world.logs.length;
    for (const [, frame] of frames) client.send(frame);
    await client.subscribe();
    for (const [, frame] of frames) client.send(frame);
    await client.settled();
    expect(world.logs.slice(logged)).toEqual([]);
  });

  it.each([['plain', []], ['v1', [V1]], ['extended', [EXT]]])('is no identifier with half of a character: a %s client stays connected', async (_, protocols: string[]) => {
    const client = await CableClient.of(reader, base(), { protocols });
    const logged = world.logs.length;
    client.send('{"command":"subscribe","identifier":"{\\"channel\\":\\"NotificationsChannel\\",\\"x\\":\\"\\ud800\\"}"}');
    await client.subscribe();
    expect(client.isOpen).toBe(true);
    expect(said(client)[1]).toBe('{"identifier":"{\\"channel\\":\\"NotificationsChannel\\",\\"x\\":\\"\\ud800\\"}","type":"confirm_subscription"}');
    expect(world.logs.slice(logged)).toEqual([]);
  });
});

describe('a connection is closed', () => {
  it.each([['at once', 1], ['in pieces', 8]])(`with 1009 where a frame is above 64 KiB, sent %s`, async (_, pieces) => {
    const client = await connected();
    const text = 'x'.repeat(LARGEST_BYTES + 1);
    const length = Math.ceil(text.length / pieces);
    for (let piece = 0; piece < pieces; piece += 1) client.socket.send(text.slice(piece * length, (piece + 1) * length), { fin: piece === pieces - 1 });
    expect(await client.ended()).toBe(1009);
    expect(client.frames).toHaveLength(1);
  });

  it(`with 1008 where it sends more than ${MOST_COMMANDS} commands in 10 seconds, and not before`, async () => {
    const client = await connected();
    for (let sent = 1; sent < MOST_COMMANDS; sent += 1) client.subscribing();
    await client.settled();
    expect(answers(client)).toEqual([confirmed(NOTIFICATIONS)]);
    client.subscribing();
    expect(await client.ended()).toBe(1008);
  });

  it('with 1008 by what it sent within ten seconds, and not by what it sent before', async () => {
    const [early, late] = [await connected(), await connected()];
    for (const client of [early, late]) {
      for (let sent = 1; sent < MOST_COMMANDS; sent += 1) client.subscribing();
      await client.settled();
    }
    const now = performance.now.bind(performance);
    let passed = 5_000;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now() + passed);
    try {
      early.subscribing();
      expect(await early.ended()).toBe(1008);
      passed = 10_000;
      await late.settled();
    } finally {
      clock.mockRestore();
    }
  });

  it('with 1008 where what it sends so often is no command', async () => {
    const client = await connected();
    for (let sent = 0; sent <= MOST_COMMANDS; sent += 1) client.send('null');
    expect(await client.ended()).toBe(1008);
  });

  it('with 1008 where it asks so often for a sign of life, before and after it is known who it is', async () => {
    const [client, stranger] = [await connected(), await CableClient.open(base(), { token: reader.accessToken })];
    for (const { socket } of [client, stranger]) for (let sent = 0; sent <= MOST_COMMANDS; sent += 1) socket.ping();
    expect([await client.ended(), await stranger.ended()]).toEqual([1008, 1008]);
  });

  it(`with 1008 where it wants more than ${MOST_SUBSCRIPTIONS} subscriptions, and not before`, async () => {
    const client = await connected();
    for (let n = 0; n < MOST_SUBSCRIPTIONS; n += 1) client.subscribing(spelling(n));
    client.subscribing(spelling(0));
    await client.settled();
    expect(answers(client)).toHaveLength(MOST_SUBSCRIPTIONS);
    client.send({ command: 'unsubscribe', identifier: spelling(0) });
    await client.subscribe(spelling(-1));
    client.subscribing(spelling(-2));
    expect(await client.ended()).toBe(1008);
    expect(client.frames.at(-1)).toEqual(confirmed(spelling(-1)));
  });

  it('alone: whoever else listens goes on', async () => {
    const [loud, other] = [await connected(), await CableClient.listening(reader, base())];
    for (let sent = 0; sent < 3 * MOST_COMMANDS; sent += 1) loud.subscribing(spelling(sent));
    expect(await loud.ended()).toBe(1008);
    const [id] = await tell(admin, [reader]);
    await other.heard(({ message }) => message !== undefined);
    expect(other.notified).toEqual([id]);
  });
});
