import { connect } from 'node:net';
import { Database } from '#database';
import { Operator } from '../../apps/api/src/headless-auth/index.js';
import { Connections, Inbox } from '../../apps/api/src/notifications/index.js';
import { Products } from '../../apps/api/src/products/index.js';
import { eventually } from '../audit/trail.js';
import { mostly } from '../bad-days/until.js';
import { OwnTime } from '../support/own-time.js';
import { ServiceProcess } from '../support/process.js';
import { tokenIn } from '../support/mailbox.js';
import { type Instance, type Person, PRODUCT, World } from '../support/world.js';
import { CableClient, EXT, type Frame, NOTIFICATIONS, V1 } from './cable-client.js';
import { signedIn, tell } from './telling.js';
import { dropUpgraded, upgrade } from './upgrade.js';

jest.setTimeout(90_000);

/** A second is the promise; the other is a busy machine's. Both are counted in the process's own time. */
const AT_ONCE_SECONDS = 2;
const PING_MS = 3_000;
const TURN_MS = 100;

let world: World;
let other: Instance;
let operator: Operator;
beforeAll(async () => {
  world = await World.start();
  other = await world.anotherInstance();
  operator = world.instance.app.get(Operator, { strict: false });
});
afterEach(async () => {
  CableClient.closeAll();
  dropUpgraded();
  await ServiceProcess.killAll();
});
afterAll(async () => {
  await world.stop();
});

const base = () => world.instance.base;
const isData = ({ message }: Frame) => message !== undefined;
const sql = (text: string, ...values: unknown[]) => world.database.sql(text, values);
const goodbye = (reason: string, reconnect: boolean) => ({ type: 'disconnect', reason, reconnect });

/** One of each kind on each instance, subscribed and not. */
async function sockets(person: Person): Promise<CableClient[]> {
  return [
    await CableClient.listening(person, base()),
    await CableClient.of(person, base(), { protocols: [] }),
    await CableClient.listening(person, other.base, { protocols: [EXT] }),
    await CableClient.of(person, other.base),
  ];
}

/** How each was told to go, and the code of its end. */
async function ends(clients: readonly CableClient[], seconds: number): Promise<unknown[]> {
  return Promise.all(
    clients.map(async (client) => {
      const code = await client.ended(seconds);
      return { last: client.frames.at(-1), code };
    }),
  );
}

const each = (clients: readonly CableClient[], last: object, code: number) => clients.map(() => ({ last, code }));

async function slugOf({ client }: Person): Promise<string> {
  return (await client.get('/auth/me')).body.organization.slug as string;
}

interface Death {
  readonly what: string;
  readonly reason?: string;
  kill(person: Person, admin: Person): Promise<unknown>;
  undo?(): Promise<unknown>;
}

const deaths: Death[] = [
  { what: 'logs out', kill: ({ client }) => client.post('/auth/logout') },
  {
    what: 'ends this session from another device',
    kill: async ({ email }) => (await world.login(email)).client.delete('/auth/sessions'),
  },
  {
    what: 'resets their password',
    kill: async ({ email }) => {
      await world.visitor.post('/auth/forgot_password', { email });
      const token = tokenIn(await world.mailbox.reset(email));
      const { status } = await world.visitor.put('/auth/reset_password', { token, password: 'NewPass456!', password_confirmation: 'NewPass456!' });
      expect(status).toBe(200);
    },
  },
  { what: 'is removed from the organization', kill: ({ id }, admin) => admin.client.delete(`/users/${id}`) },
  { what: 'is disabled', kill: ({ email }) => operator.disableUser(email) },
  { what: 'is of an organization that is suspended', kill: async (person) => operator.suspendOrganization(PRODUCT, await slugOf(person)) },
  {
    what: 'is of a product that is switched off',
    kill: () => sql('UPDATE products SET active = false WHERE slug = $1', PRODUCT),
    undo: () => sql('UPDATE products SET active = true WHERE slug = $1', PRODUCT),
  },
  {
    what: 'showed a refresh token that was used before',
    kill: async ({ refreshToken }) => {
      const refresh = () => world.stranger.post('/api/v1/auth/refresh', { refresh_token: refreshToken });
      expect((await refresh()).status).toBe(200);
      world.clock.advance({ minutes: 2 });
      expect((await refresh()).status).toBe(401);
    },
  },
  {
    what: 'is of an organization that does not pay any more',
    reason: 'unauthorized',
    kill: ({ organizationId }) => sql(`UPDATE subscriptions SET status = 'canceled' WHERE organization_id = $1`, organizationId),
  },
  {
    what: 'is of an organization whose trial is cut short',
    reason: 'unauthorized',
    kill: ({ organizationId }) => sql(`UPDATE subscriptions SET trial_ends_at = now() - interval '1 second' WHERE organization_id = $1`, organizationId),
  },
];

// Before the world's clock is moved, which another process does not share.
describe('a service that is stopped', () => {
  it('tells every socket to come back, closes with 1001, takes no more, and exits', async () => {
    const person = await world.register();
    const service = await ServiceProcess.start(world.env);
    const clients = [
      await CableClient.listening(person, service.base),
      await CableClient.of(person, service.base, { protocols: [] }),
      await CableClient.listening(person, service.base, { protocols: [EXT] }),
    ];
    service.signal('SIGTERM');
    expect(await ends(clients, 10)).toEqual(each(clients, goodbye('server_restart', true), 1001));
    await expect(CableClient.open(service.base, { token: person.accessToken })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(await service.exited).toEqual({ code: 0, signal: null });
  });

  it('waits for none that does not answer', async () => {
    const person = await world.register();
    const service = await ServiceProcess.start(world.env);
    const silent = connect(Number(new URL(service.base).port), '127.0.0.1').on('error', () => undefined);
    silent.write(`GET /cable?token=${person.accessToken} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`);
    let said = '';
    silent.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await eventually(async () => said.includes('"welcome"'));
    const begun = performance.now();
    service.signal('SIGTERM');
    expect(await service.exited).toEqual({ code: 0, signal: null });
    // Later it would be cut off in the middle of its own end.
    expect(performance.now() - begun).toBeLessThan(9_000);
    expect(said).toContain('"server_restart"');
    silent.destroy();
  });
});

describe('whoever', () => {
  it.each(deaths.map((death) => [death.what, death.reason ?? 'remote', death] as const))(
    '%s is gone within a second, on every connection and instance, with the reason %s',
    async (_, reason, { kill, undo }) => {
      const admin = await world.register();
      const person = await world.member(admin);
      const neighbour = await world.register({ product: 'kiket' });
      const [clients, living] = [await sockets(person), await sockets(neighbour)];
      await kill(person, admin);
      expect(await ends(clients, AT_ONCE_SECONDS)).toEqual(each(clients, goodbye(reason, false), 1000));
      for (const { frames } of clients) expect(frames.filter(({ type }) => type === 'disconnect')).toHaveLength(1);
      for (const client of living) await client.settled();
      await undo?.();
    },
  );

  it('changes nothing but a name or a role stays', async () => {
    const admin = await world.register();
    const person = await world.member(admin);
    const clients = await sockets(person);
    await admin.client.patch(`/users/${person.id}`, { user: { role: 'viewer' } });
    await person.client.put('/auth/me', { name: 'Another Name' });
    await world.stranger.post('/api/v1/auth/refresh', { refresh_token: person.refreshToken });
    await (await world.login(person.email)).client.post('/auth/logout');
    await tell(admin, [person]);
    for (const client of [clients[0], clients[2]]) await client?.heard(isData);
    for (const client of clients) await client.settled();
  });

  it('may not listen any more hears nothing that is sent afterwards', async () => {
    const admin = await world.register();
    const person = await world.member(admin);
    const clients = await sockets(person);
    await person.client.post('/auth/logout');
    await tell(admin, [person]);
    await ends(clients, AT_ONCE_SECONDS);
    for (const { messages } of clients) expect(messages).toEqual([]);
  });

  it('hears nothing either where nobody has said yet that their session ended', async () => {
    const admin = await world.register();
    const email = world.freshEmail();
    const person = await world.member(admin, 'member', email);
    const elsewhere = await world.login(email);
    const [clients, living] = [await sockets(person), await CableClient.listening(elsewhere, base())];
    await sql('ALTER TABLE sessions DISABLE TRIGGER standing_by_revoked_at');
    try {
      await person.client.post('/auth/logout');
    } finally {
      await sql('ALTER TABLE sessions ENABLE TRIGGER standing_by_revoked_at');
    }
    await tell(admin, [person]);
    await living.heard(isData);
    await elsewhere.client.post('/notifications/read_all');
    await living.heard(isData, 2);
    expect(living.messages.map(({ unread_count: count }) => count)).toEqual([1, 0]);
    for (const { messages } of clients) expect(messages).toEqual([]);
  });

  it('asks for what they missed is told nothing of it either', async () => {
    const admin = await world.register();
    const email = world.freshEmail();
    const person = await world.member(admin, 'member', email);
    const former = await CableClient.listening(person, base(), { protocols: [EXT] });
    await tell(admin, [person]);
    await former.heard(isData);
    const listener = await CableClient.listening(person, base(), { protocols: [EXT] });
    const waiting = await CableClient.of(person, base(), { protocols: [EXT] });
    await sql('ALTER TABLE sessions DISABLE TRIGGER standing_by_revoked_at');
    try {
      await person.client.post('/auth/logout');
    } finally {
      await sql('ALTER TABLE sessions ENABLE TRIGGER standing_by_revoked_at');
    }
    const since = Math.floor(world.clock.now().getTime() / 1000) - 3600;
    listener.send({ command: 'history', identifier: NOTIFICATIONS, history: { since } });
    waiting.send({ command: 'subscribe', identifier: NOTIFICATIONS, history: { since } });
    for (const client of [listener, waiting]) await client.ended(25);
    for (const { messages } of [listener, waiting]) expect(messages).toEqual([]);
  });

  it('knocks while their session ends is let in and sent away, or not let in', async () => {
    for (let tries = 0; tries < 10; tries += 1) {
      const person = await world.register();
      const opening = Promise.all([base(), other.base, base(), other.base].map(async (at) => CableClient.open(at, { token: person.accessToken, protocols: [V1] })));
      const [clients] = await Promise.all([opening, person.client.post('/auth/logout')]);
      await ends(clients, AT_ONCE_SECONDS);
    }
  });

  it('is let in by what held before their session ended is sent away at once', async () => {
    const person = await world.register();
    const [products, connections] = [Products, Connections].map((type) => world.instance.app.get(type as never, { strict: false })) as [Products, Connections];
    const byId = products.byId.bind(products);
    // The origin is asked after the token.
    products.byId = async (id) => {
      products.byId = byId;
      const before = connections.heard;
      await person.client.at(`${other.base}/api/v1`).post('/auth/logout');
      await eventually(async () => connections.heard > before);
      return byId(id);
    };
    const client = await CableClient.open(base(), { token: person.accessToken, protocols: [V1], headers: { origin: 'https://app.spravce-gdpr.cz' } });
    expect(await ends([client], AT_ONCE_SECONDS)).toEqual(each([client], goodbye('remote', false), 1000));
    expect(client.frames.map(({ type }) => type)).toEqual(['welcome', 'disconnect']);
  });

  it('was heard of while an instance could not listen is gone once it listens again', async () => {
    const [person, neighbour] = [await world.register(), await world.register()];
    const [clients, living] = [await sockets(person), await sockets(neighbour)];
    const listeners = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`;
    await sql(listeners);
    await person.client.post('/auth/logout');
    expect(await ends(clients, 5)).toEqual(each(clients, goodbye('remote', false), 1000));
    for (const client of living) await client.settled();
  });

  it('is of an organization whose trial ends by time alone is gone soon after', async () => {
    const person = await world.register();
    const clients = await sockets(person);
    await sql(`UPDATE subscriptions SET trial_ends_at = $2 WHERE organization_id = $1`, person.organizationId, new Date(world.clock.now().getTime() + 2_000));
    await clients[0]?.settled();
    expect(await ends(clients, 25)).toEqual(each(clients, goodbye('unauthorized', false), 1000));
  });
});

describe('a token that expires', () => {
  it('ends its sockets with token_expired, which lets clients fetch a new one, and no others', async () => {
    const early = await signedIn(world, 50);
    const late = await world.register();
    const [clients, living] = [await sockets(early), await sockets(late)];
    world.clock.advance({ minutes: 8 });
    for (const client of clients) await client.settled();
    world.clock.advance({ minutes: 3 });
    expect(await ends(clients, 3)).toEqual(each(clients, goodbye('token_expired', false), 1000));
    for (const client of living) await client.settled();

    const { body } = await world.stranger.post('/api/v1/auth/refresh', { refresh_token: early.refreshToken });
    await CableClient.listening({ accessToken: body.access_token }, base());
  });

  it('ends none while nobody can be asked, and is told as such afterwards', async () => {
    const early = await signedIn(world, 50);
    const client = await CableClient.listening(early, base());
    const pings = () => client.texts.filter((text) => text.includes('"ping"')).length;
    await world.database.outage(async () => {
      world.clock.advance({ minutes: 11 });
      const before = pings();
      await eventually(async () => pings() >= before + 2);
      expect(client.isOpen).toBe(true);
    });
    expect(await ends([client], 25)).toEqual(each([client], goodbye('token_expired', false), 1000));
  });
});

describe('a ping', () => {
  it('comes every 3 seconds with the time in unix seconds, to whoever subscribed and to whoever did not, whenever they came', async () => {
    const person = await world.register();
    const clients: CableClient[] = [];
    // By this process's own time, in which the instance lives too: while it is not let run, nobody is pinged.
    const turns: number[] = [];
    const clock = setInterval(() => turns.push(performance.now()), TURN_MS);
    for (let n = 0; n < 6; n += 1) {
      clients.push(n % 2 === 0 ? await CableClient.of(person, base(), { protocols: [[], [V1], [EXT]][n % 3] ?? [] }) : await CableClient.listening(person, base()));
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    const pings = ({ texts, times }: CableClient) => texts.flatMap((text, place) => (text.includes('"ping"') ? [{ text, at: times[place] ?? 0 }] : []));
    await eventually(async () => clients.every((client) => pings(client).length >= 3));
    clearInterval(clock);
    for (const client of clients) {
      const came = pings(client);
      for (const { text } of came) {
        expect(text).toMatch(/^\{"type":"ping","message":\d{10}\}$/);
        const seconds = (JSON.parse(text) as { message: number }).message;
        expect(Math.abs(seconds - world.clock.now().getTime() / 1000)).toBeLessThan(30);
      }
      const pauses = came.slice(1).map(({ at }, place) => TURN_MS * turns.filter((turn) => turn > (came[place]?.at ?? 0) && turn <= at).length);
      for (const pause of pauses) expect(Math.abs(pause - PING_MS)).toBeLessThan(1_500);
    }
  });
});

describe('a log', () => {
  it('never has a token or a session’s id, whatever becomes of the socket', async () => {
    const person = await world.register();
    const logged = world.logs.length;
    const { accessToken, refreshToken } = person;
    const first = await CableClient.listening(person, base(), { protocols: [EXT] });
    const { sid = '' } = first.frames[0] ?? {};
    await CableClient.listening(person, base(), { protocols: [V1, `anycable-token.${accessToken}`], path: '/cable' });
    first.socket.terminate();
    const query = `token=${accessToken}&sid=${sid}`;
    const second = await CableClient.of(person, other.base, { path: `/cable?${query}`, protocols: [EXT] });
    const third = await CableClient.of(person, base(), { protocols: [EXT], headers: { 'x-anycable-restore-sid': sid } });
    const sids = [sid, ...[second, third].map(({ frames }) => frames[0]?.sid ?? '')];
    for (const path of [`/cable?${query}`, `/cable/?${query}`, `/cable/${accessToken}`, `/cable/${sid}`, `/elsewhere?${query}`]) {
      await world.stranger.get(path);
      await upgrade(base(), path, { 'sec-websocket-version': '7' });
      await upgrade(base(), path, { upgrade: 'h2c' });
    }
    await upgrade(base(), '/cable', { 'sec-websocket-protocol': `anycable-token.${accessToken}, ,` });
    await (await CableClient.open(base(), { token: refreshToken })).ended();
    await world.database.outage(async () => {
      second.subscribing('{"channel":"NotificationsChannel","again":1}');
      await second.ended();
      await (await CableClient.open(base(), { path: `/cable?${query}`, protocols: [EXT] })).ended();
    });
    await eventually(async () => (await world.stranger.get('/health/ready')).status === 200, 20);
    await person.client.post('/auth/logout');
    await third.ended();

    const said = world.logs.slice(logged).join('');
    expect(said).toContain('"path":"/cable"');
    expect(said).toContain('a socket was ended');
    expect(sids.every((id) => id.length > 20)).toBe(true);
    for (const secret of [accessToken, refreshToken, ...sids]) for (const part of secret.split('.')) expect(said).not.toContain(part);
  });
});

describe('whoever reads nothing', () => {
  it('is cut off once a megabyte waits for them, and everybody else hears all meanwhile', async () => {
    const admin = await world.register();
    const [person, neighbour] = [await world.member(admin), await world.member(admin)];
    const slow = await CableClient.of(person, base());
    const padding = 'ž'.repeat(1_900);
    for (let n = 0; n < 50; n += 1) await slow.subscribe(JSON.stringify({ channel: 'NotificationsChannel', padding, n }));
    const [tab, listener] = [await CableClient.listening(person, base()), await CableClient.listening(neighbour, base())];
    slow.socket.pause();
    const ids: number[][] = [];
    for (let n = 1; n <= 40; n += 1) {
      ids.push(await tell(admin, [person, neighbour], { message: 'ž'.repeat(2_000) }));
      await Promise.all([tab.heard(isData, n), listener.heard(isData, n)]);
    }
    expect(tab.notified).toEqual(ids.map(([id]) => id));
    expect(listener.notified).toEqual(ids.map(([, id]) => id));
    const before = slow.messages.length;
    slow.socket.resume();
    await slow.ended();
    expect(before).toBe(0);
    expect(slow.messages.length).toBeLessThan(50 * ids.length);
    for (const client of [tab, listener]) await client.settled();
  });

  it('and hears why, behind what waited, if they read on within seconds', async () => mostly(async () => {
    const person = await world.register();
    const slow = await CableClient.of(person, base());
    const padding = 'ž'.repeat(1_900);
    for (let n = 0; n < 50; n += 1) await slow.subscribe(JSON.stringify({ channel: 'NotificationsChannel', padding, n }));
    const tab = await CableClient.listening(person, base());
    slow.socket.pause();
    await Promise.all(Array.from({ length: 40 }, async () => tell(person, [person], { message: 'ž'.repeat(2_000) })));
    await tab.heard(isData, 40);
    slow.socket.resume();
    expect(await slow.ended()).toBe(1000);
    expect(slow.frames.at(-1)).toEqual({ type: 'disconnect', reason: 'too_slow', reconnect: true });
    expect(slow.messages.length).toBeLessThan(50 * 40);
  }));
});

describe('a flood to another organization', () => {
  it('of 10,000 messages delays nobody', async () => {
    const [flooded, person] = [await world.register(), await world.register()];
    const listeners = await Promise.all(Array.from({ length: 5 }, async () => CableClient.listening(flooded, base())));
    const reader = await CableClient.listening(person, base());
    const { app } = other;
    const [inbox, database] = [app.get(Inbox, { strict: false }), app.get(Database, { strict: false })];
    const [membership] = await world.database.sql<{ id: string }>('SELECT id FROM memberships WHERE user_id = $1', [flooded.id]);
    const draft = { membershipId: Number(membership?.id), type: 'news', title: 'Flood', message: 'x'.repeat(200), url: null };

    const flood = (async () => {
      for (let sent = 0; sent < 10_000; sent += 100) {
        await database.transaction(async () => inbox.deliver(flooded.organizationId, Array.from({ length: 100 }, () => draft)));
      }
    })();
    const waits: number[] = [];
    const clock = new OwnTime();
    let isOver = false;
    const over = flood.then(() => (isOver = true));
    while (!isOver) {
      await tell(person, [person]);
      const told = clock.ms;
      await reader.heard(isData, waits.length + 1);
      waits.push(clock.ms - told);
    }
    await over;
    clock.stop();
    await Promise.all(listeners.map(async (listener) => listener.heard(isData, 10_000, 60)));
    expect(waits.length).toBeGreaterThan(3);
    expect(waits.sort((one, next) => one - next)[Math.floor(waits.length * 0.9)]).toBeLessThan(1_000);
    expect(new Set(listeners[0]?.notified).size).toBe(10_000);
    expect(reader.messages).toHaveLength(waits.length);
  });
});
