import { adapters, type Callbacks, type Consumer, createConsumer, type Subscription } from '@rails/actioncable';
import { WebSocket } from 'ws';
import { eventually } from '../audit/trail.js';
import { type Instance, type Person, World } from '../support/world.js';
import { CableClient, EXT, type Frame, type Message, NOTIFICATIONS, V1 } from './cable-client.js';
import { SAMPLE } from './sample.js';
import { tell } from './telling.js';

let world: World;
let other: Instance;
let admin: Person;
beforeAll(async () => {
  world = await World.start();
  other = await world.anotherInstance();
  admin = await world.register();
});
afterEach(() => CableClient.closeAll());
afterAll(async () => {
  await world.stop();
});

const base = () => world.instance.base;
const isData = ({ message }: Frame) => message !== undefined;
const PLAIN = { protocols: [] };
const format = (form: unknown) => JSON.stringify({ channel: 'NotificationsChannel', message_format: form });
const since = (id: unknown) => JSON.stringify({ channel: 'NotificationsChannel', since: id });

/** Somebody with a new inbox. */
const newReader = async (): Promise<Person> => world.register({ product: 'kiket' });

/** Everything that a person hears of what they send themselves. */
async function tellSelf(person: Person, facts?: Parameters<typeof tell>[2]): Promise<number> {
  const [id = 0] = await tell(person, [person], facts);
  return id;
}

describe('a data frame', () => {
  const FACTS = { type: 'sla_warning', title: 'SLA Warning “Žofie” 🦊', message: 'DSAR for Jan Novak\napproaching 30-day "deadline" \u2028 </script>', url: '/issues/456' };

  const forms: [string, string[], string, 'string' | 'object'][] = [
    ['a plain socket', [], NOTIFICATIONS, 'string'],
    ['a v1 client', [V1], NOTIFICATIONS, 'object'],
    ['a plain socket that asks for objects', [], format('object'), 'object'],
    ['a plain socket that asks for strings', [], format('string'), 'string'],
    ['a v1 client that asks for strings', [V1], format('string'), 'string'],
    ['a v1 client that asks for objects', [V1], format('object'), 'object'],
    ['a plain socket that asks for something else', [], format('xml'), 'string'],
    ['a v1 client that asks for something else', [V1], format(['string']), 'object'],
  ];

  it.each(forms)('for %s (%j, %s) has its message as a %s', async (_, protocols, identifier, form) => {
    const reader = await newReader();
    const client = await CableClient.listening(reader, base(), { protocols }, identifier);
    const [id, [frame]] = await world.clock.standing(async () => [await tellSelf(reader, FACTS), await client.heard(isData)] as const);
    const { body } = await reader.client.get('/notifications');
    const { created_at: timestamp } = body.data[0];
    expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const { title, message, url, type } = FACTS;
    const told = { action: 'new_notification', unread_count: 1, notification: { id, title, message, url, type, created_at: 'now', timestamp } };
    expect(typeof frame?.message).toBe(form);
    expect(client.messages).toEqual([told]);
    expect(Object.keys(frame ?? {})).toEqual(['identifier', 'message']);
    expect(frame?.identifier).toBe(identifier);
  });

  it('for an extended client has its message as an object, or as a string where it asks', async () => {
    const reader = await newReader();
    const client = await CableClient.of(reader, base(), { protocols: [EXT] });
    await client.subscribe();
    await client.subscribe(format('string'));
    await tellSelf(reader);
    const frames = await client.heard(isData, 2);
    expect(Object.fromEntries(frames.map(({ identifier, message }) => [identifier, typeof message]))).toEqual({ [NOTIFICATIONS]: 'object', [format('string')]: 'string' });
  });

  it('follows the subprotocol of its own connection, where several listen', async () => {
    const reader = await newReader();
    const [plain, v1] = [await CableClient.listening(reader, base(), PLAIN), await CableClient.listening(reader, base())];
    await tellSelf(reader);
    expect([typeof (await plain.heard(isData))[0]?.message, typeof (await v1.heard(isData))[0]?.message]).toEqual(['string', 'object']);
  });

  it('and a ping are all that has a `message` member, for whoever parses every frame', async () => {
    const reader = await newReader();
    const client = await CableClient.listening(reader, base(), PLAIN);
    client.subscribing('{"channel":"Unknown"}');
    await client.heard(({ type }) => type === 'reject_subscription');
    await tellSelf(reader);
    await client.heard(isData);
    await world.database.sql('UPDATE sessions SET revoked_at = now() WHERE user_id = $1', [reader.id]);
    await client.ended();
    expect(client.frames.map((frame) => [frame.type, typeof frame.message])).toEqual([
      ['welcome', 'undefined'],
      ['confirm_subscription', 'undefined'],
      ['reject_subscription', 'undefined'],
      [undefined, 'string'],
      ['disconnect', 'undefined'],
    ]);
  });

  it('counts what is unread as it is with it, also where several come at once', async () => {
    const reader = await newReader();
    const client = await CableClient.listening(reader, base());
    await Promise.all([1, 2, 3, 4, 5].map(async () => tellSelf(reader)));
    await client.heard(isData, 5);
    expect(client.messages.map(({ unread_count: count }) => count)).toEqual([1, 2, 3, 4, 5]);
    expect(client.notified).toEqual([...client.notified].sort((one, next) => Number(one) - Number(next)));
  });
});

describe('marking read', () => {
  it('by a socket tells the count to all other tabs, on every instance, and not to the one that marked', async () => {
    const reader = await newReader();
    const marking = await CableClient.listening(reader, base());
    const tabs = [await CableClient.listening(reader, base(), PLAIN), await CableClient.listening(reader, other.base), await CableClient.listening(reader, base(), { protocols: [EXT] })];
    const stranger = await CableClient.listening(await newReader(), base());
    const ids = [await tellSelf(reader), await tellSelf(reader)];
    await Promise.all([marking, ...tabs].map(async (tab) => tab.heard(isData, 2)));

    marking.perform('mark_as_read', { id: ids[0] });
    for (const tab of tabs) {
      await tab.heard(isData, 3);
      expect(tab.messages[2]).toEqual({ action: 'unread_count', unread_count: 1 });
    }
    expect(Object.keys(tabs[2]?.frames.at(-1) ?? {}).sort()).toEqual(['identifier', 'message']);
    expect(typeof tabs[0]?.frames.at(-1)?.message).toBe('string');

    const next = await tellSelf(reader);
    for (const tab of [marking, ...tabs]) await tab.heard(() => tab.notified.includes(next));
    expect(marking.messages.map(({ action, unread_count: count }) => [action, count])).toEqual([['new_notification', 1], ['new_notification', 2], ['new_notification', 2]]);
    await stranger.settled();
    expect(stranger.messages).toEqual([]);
  });

  it('a second time tells nobody anything', async () => {
    const reader = await newReader();
    const [marking, tab] = [await CableClient.listening(reader, base()), await CableClient.listening(reader, other.base)];
    const id = await tellSelf(reader);
    await tab.heard(({ message }) => (message as Message | undefined)?.unread_count === 1);
    for (let times = 0; times < 3; times += 1) marking.perform('mark_as_read', { id });
    await tab.heard(({ message }) => (message as Message | undefined)?.unread_count === 0);
    await reader.client.post(`/notifications/${id}/read`);
    await tellSelf(reader);
    await tab.heard(({ message }) => (message as Message | undefined)?.unread_count === 1 && (message as Message).notification?.id !== id);
    expect(tab.messages.map(({ action, unread_count: count }) => `${action} ${count}`)).toEqual(['new_notification 1', 'unread_count 0', 'new_notification 1']);
  });

  it.each([
    ['one', (id: number) => `/notifications/${id}/read`, 1],
    ['all', () => '/notifications/read_all', 0],
  ])('%s over REST tells every tab, on every instance', async (_, path, count) => {
    const reader = await newReader();
    const id = await tellSelf(reader);
    await tellSelf(reader);
    const tabs = [await CableClient.listening(reader, base()), await CableClient.listening(reader, other.base, PLAIN)];
    expect((await reader.client.post(path(id))).status).toBe(200);
    for (const tab of tabs) {
      await tab.heard(isData);
      expect(tab.messages).toEqual([{ action: 'unread_count', unread_count: count }]);
    }
  });
});

describe('a notification is heard', () => {
  it('by every tab of its member on every instance, and by nobody else: no other user, organization or product', async () => {
    const colleague = await world.member(admin);
    const elsewhere = await world.register({ email: admin.email, organization: 'Elsewhere' });
    const product = await world.register({ email: admin.email, product: 'kiket' });
    const stranger = await world.register();
    const on = async (person: Person) => [await CableClient.listening(person, base()), await CableClient.listening(person, other.base, PLAIN)];
    const [own, ...others] = [await on(admin), await on(colleague), await on(elsewhere), await on(product), await on(stranger)];
    expect([elsewhere.id, product.id]).toEqual([admin.id, admin.id]);

    const [id] = await tell(admin, [admin]);
    await Promise.all((own ?? []).map(async (tab) => tab.heard(isData)));
    await admin.client.post(`/notifications/${id}/read`);
    await Promise.all((own ?? []).map(async (tab) => tab.heard(isData, 2)));
    const last = [...(await tell(admin, [colleague])), ...(await tell(elsewhere, [elsewhere])), ...(await tell(product, [product])), ...(await tell(stranger, [stranger]))];
    await Promise.all(others.flat().map(async (tab) => tab.heard(isData)));

    for (const tab of own ?? []) expect(tab.notified).toEqual([id]);
    expect(others.map((tabs) => tabs.map(({ messages }) => messages.map(({ notification, unread_count: count }) => [notification?.id, count])))).toEqual(last.map((own) => [[[own, 1]], [[own, 1]]]));
  });

  it('within a second of its commit, on the instance that did not hear the request too', async () => {
    const reader = await newReader();
    const client = await CableClient.listening(reader, other.base);
    const waits: number[] = [];
    for (let n = 1; n <= 9; n += 1) {
      await tellSelf(reader);
      const told = performance.now();
      await client.heard(isData, n);
      waits.push((client.times.at(-1) ?? 0) - told);
    }
    expect(waits.sort((one, next) => one - next)[4]).toBeLessThan(1_000);
  });

  it('not before its commit, and not at all where there is none', async () => {
    const reader = await newReader();
    const client = await CableClient.listening(reader, base());
    const refused = await reader.client.post('/notifications', { notification: { user_ids: [reader.id, 999_999_999], type: 'news', title: 'Never', message: 'Never' } });
    expect(refused.status).toBe(422);
    const id = await tellSelf(reader);
    await client.heard(isData);
    expect(client.notified).toEqual([id]);
  });
});

describe('`since` in an identifier', () => {
  it('brings what is newer, in order, after the confirmation, then what comes live, and nothing twice', async () => {
    const reader = await newReader();
    const ids: number[] = [];
    for (let n = 0; n < 5; n += 1) ids.push(await tellSelf(reader));
    for (const knock of [PLAIN, { protocols: [V1] }]) {
      const client = await CableClient.listening(reader, base(), knock, since(ids[1]));
      await client.heard(isData, ids.length - 2);
      ids.push(await tellSelf(reader));
      await client.heard(isData, ids.length - 2);
      await client.settled();
      expect(client.frames.slice(0, 2).map(({ type }) => type)).toEqual(['welcome', 'confirm_subscription']);
      expect(client.notified).toEqual(ids.slice(2));
    }
  });

  it('loses and doubles nothing while others go on sending', async () => {
    const reader = await newReader();
    const first = await tellSelf(reader);
    const ids: number[] = [];
    const clients: CableClient[] = [];
    const sending = (async () => {
      for (let n = 0; n < 40; n += 1) ids.push(await tellSelf(reader));
    })();
    while (ids.length < 30 || clients.length <= 3) {
      const client = await CableClient.of(reader, clients.length % 2 === 0 ? base() : other.base);
      client.subscribing(since(first));
      clients.push(client);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    await sending;
    for (const client of clients) {
      await client.heard(isData, ids.length);
      expect(client.notified).toEqual(ids);
    }
  });

  it.each<[string, (ids: number[]) => unknown, number]>([
    ['the newest', (ids) => ids.at(-1), 0],
    ['one that is yet to come', () => Number.MAX_SAFE_INTEGER, 0],
    ['nothing', () => 0, 3],
    ['a string', (ids) => String(ids[0]), 0],
    ['a negative number', () => -1, 0],
    ['a fraction', (ids) => (ids[0] ?? 0) + 0.5, 0],
    ['a list', (ids) => [ids[0]], 0],
    ['null', () => null, 0],
  ])('%s brings what it says, and the subscription lives', async (_, asked, count) => {
    const reader = await newReader();
    const ids = [await tellSelf(reader), await tellSelf(reader), await tellSelf(reader)];
    const client = await CableClient.listening(reader, base(), undefined, since(asked(ids)));
    const live = await tellSelf(reader);
    await client.heard(isData, count + 1);
    expect(client.notified).toEqual([...ids.slice(ids.length - count), live]);
  });

  it('somebody else’s shows nothing of theirs', async () => {
    const [reader, stranger] = [await newReader(), await newReader()];
    await tellSelf(stranger);
    const foreign = await tellSelf(stranger);
    const own = await tellSelf(reader);
    await tellSelf(stranger);
    const client = await CableClient.listening(reader, base(), undefined, since(foreign - 1));
    await client.heard(isData);
    await client.settled();
    expect(client.notified).toEqual([own]);
  });
});

describe('the documentation’s sample', () => {
  it('receives what was sent, with the members that it names, and understands every other frame', async () => {
    const reader = await newReader();
    await reader.client.put('/auth/me', { locale: 'en' });
    const received: Message[] = [];
    const failures: unknown[] = [];
    const text = SAMPLE.replace('wss://kiket.dev', base().replace('http', 'ws'));
    const run = new Function('accessToken', 'onNotification', text) as (token: string, hears: (message: Message) => void) => globalThis.WebSocket;
    const socket = run(reader.accessToken, (message) => received.push(message));
    const printed = socket.onmessage;
    let frames = 0;
    socket.onmessage = (event) => {
      if (!String(event.data).includes('"type":"ping"')) frames += 1;
      try {
        printed?.call(socket, event);
      } catch (error) {
        failures.push(error);
      }
    };
    await eventually(async () => frames >= 2);
    const id = await world.clock.standing(async () => {
      const told = await tellSelf(reader, { type: 'sla_warning', title: 'SLA Warning', message: 'DSAR for Jan Novak approaching 30-day deadline', url: '/issues/456' });
      await eventually(async () => received.length > 0);
      return told;
    });
    await reader.client.post('/notifications/read_all');
    await eventually(async () => frames >= 4);
    await reader.client.post('/auth/logout');
    await eventually(async () => socket.readyState === socket.CLOSED);
    expect(failures).toEqual([]);
    expect(received).toEqual([
      {
        action: 'new_notification',
        unread_count: 1,
        notification: {
          id,
          title: 'SLA Warning',
          message: 'DSAR for Jan Novak approaching 30-day deadline',
          url: '/issues/456',
          type: 'sla_warning',
          created_at: 'now',
          timestamp: expect.stringMatching(/Z$/),
        },
      },
    ]);
  });
});

describe('the official client', () => {
  let consumer: Consumer;
  beforeAll(() => {
    adapters.WebSocket = WebSocket;
    // Of a browser's window it wants no more.
    Object.assign(globalThis, { addEventListener: () => undefined, removeEventListener: () => undefined });
  });
  afterEach(() => consumer.disconnect());

  interface Heard {
    readonly received: unknown[];
    readonly events: string[];
    readonly subscription: Subscription;
  }

  function listen(channel: string | object): Heard {
    const [received, events]: [unknown[], string[]] = [[], []];
    const callbacks: Callbacks = {
      connected: () => void events.push('connected'),
      disconnected: () => void events.push('disconnected'),
      rejected: () => void events.push('rejected'),
      received: (message) => void received.push(message),
    };
    return { received, events, subscription: consumer.subscriptions.create(channel, callbacks) };
  }

  it.each([
    ['in the query', (token: string) => createConsumer(`${base().replace('http', 'ws')}/cable?token=${token}`)],
    [
      'as a subprotocol',
      (token: string) => {
        const created = createConsumer(`${base().replace('http', 'ws')}/cable`);
        created.addSubProtocol(`anycable-token.${token}`);
        return created;
      },
    ],
  ])('subscribes with its token %s, receives objects, performs, and is silent once it unsubscribed', async (_, create) => {
    const reader = await newReader();
    consumer = create(reader.accessToken);
    const { received, events, subscription } = listen('NotificationsChannel');
    await eventually(async () => events.length > 0);
    const tab = await CableClient.listening(reader, base());
    const id = await tellSelf(reader);
    await eventually(async () => received.length > 0);
    await tab.heard(isData);
    expect(received).toEqual([tab.messages[0]]);
    subscription.perform('mark_as_read', { id });
    await tab.heard(isData, 2);
    expect(tab.messages[1]).toEqual({ action: 'unread_count', unread_count: 0 });

    subscription.unsubscribe();
    const anew = listen({ channel: 'NotificationsChannel', again: true });
    await eventually(async () => anew.events.length > 0);
    await tellSelf(reader);
    await eventually(async () => anew.received.length > 0);
    expect([received.length, events, anew.events]).toEqual([1, ['connected'], ['connected']]);
  });

  it('is told that a channel is none, and stops asking', async () => {
    consumer = createConsumer(`${base().replace('http', 'ws')}/cable?token=${(await newReader()).accessToken}`);
    const { events } = listen('OtherChannel');
    await eventually(async () => events.length > 0);
    expect(events).toEqual(['rejected']);
  });

  it('does not come back where it may not listen', async () => {
    let opened = 0;
    adapters.WebSocket = class extends WebSocket {
      constructor(...given: ConstructorParameters<typeof WebSocket>) {
        super(...given);
        opened += 1;
      }
    };
    consumer = createConsumer(`${base().replace('http', 'ws')}/cable?token=garbage`);
    const { events } = listen('NotificationsChannel');
    await eventually(async () => events.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect([events, opened]).toEqual([['disconnected'], 1]);
  });
});

describe('how long ago it was', () => {
  it('is said to each tab in the language that it was opened in', async () => {
    const reader = await newReader();
    const tabs: CableClient[] = [];
    for (const locale of ['en', 'cs', 'de']) {
      await reader.client.put('/auth/me', { locale });
      tabs.push(await CableClient.listening(reader, base()));
    }
    await world.clock.standing(async () => {
      await tellSelf(reader);
      for (const tab of tabs) await tab.heard(isData);
    });
    expect(tabs.map(({ messages }) => messages[0]?.notification?.created_at)).toEqual(['now', 'nyní', 'jetzt']);
  });

  it.each([
    ['en', 'now', '2 minutes ago', '3 hours ago'],
    ['cs', 'nyní', 'před 2 minutami', 'před 3 hodinami'],
    ['de', 'jetzt', 'vor 2 Minuten', 'vor 3 Stunden'],
  ])('is said in %s as it is at sending, for a day', async (locale, now, minutes, hours) => {
    const reader = await newReader();
    await reader.client.put('/auth/me', { locale });
    const before = await tellSelf(reader);
    const client = await CableClient.listening(reader, base());
    const id = await world.clock.standing(async () => {
      const told = await tellSelf(reader);
      await client.heard(isData);
      return told;
    });
    const { timestamp } = client.messages[0]?.notification ?? {};
    expect(client.messages[0]?.notification).toMatchObject({ id, created_at: now });

    const again = async () => CableClient.listening(await world.login(reader.email, undefined, 'kiket'), base(), PLAIN, since(before));
    for (const [age, said] of [[{ minutes: 2 }, minutes], [{ hours: 3 }, hours]] as const) {
      world.clock.advance(age);
      const later = await again();
      await later.heard(isData);
      expect(later.messages[0]?.notification).toMatchObject({ id, timestamp, created_at: said });
    }
    world.clock.advance({ hours: 22 });
    const late = await again();
    const next = await tellSelf(await world.login(reader.email, undefined, 'kiket'));
    await late.heard(isData);
    expect(late.notified).toEqual([next]);
  });
});
