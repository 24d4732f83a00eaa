import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createCable } from '@anycable/core';
import WebSocket from 'ws';
import { pause, report } from '../bad-days/until.js';
import { eventually } from '../audit/trail.js';
import { type Instance, type Person, World } from '../support/world.js';
import { InboxRepository, Streams } from '../../apps/api/src/notifications/index.js';
import { CHANNEL, type Frame, type Place, placeOf, SUBPROTOCOL } from './ext-client.js';

jest.setTimeout(180_000);

const CUTS = 1_000;
/** The official client gives up a subscription whose very first confirmation is cut off: it is cut when it is subscribed. */
const OFFICIAL_CUTS = 60;
const MEMBERS = 6;
/** More often than that each of them goes on where it was. */
const RESTORED = CUTS / MEMBERS / 4;
/** A connection lives no longer than this; many end before they were welcomed. */
const LONGEST_LIFE_MS = 250;
const PAUSE_BETWEEN_NEWS_MS = 5;
/** So late the database answers at times. */
const LATEST_MS = 30;

/** In front of several instances, and unreliable: it picks one for each connection, and cuts the connection at a random moment or within a frame. */
class BadNetwork {
  cuts = 0;
  isBad = false;
  private readonly pairs = new Set<{ readonly near: Socket; readonly far: Socket }>();

  private constructor(
    private readonly server: Server,
    private readonly ports: readonly number[],
  ) {}

  static async before(instances: readonly Instance[]): Promise<BadNetwork> {
    const box: { network?: BadNetwork } = {};
    const server = createServer((near) => box.network?.join(near)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (box.network = new BadNetwork(server, instances.map(({ base }) => Number(new URL(base).port))));
  }

  get base(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}/cable`;
  }

  /** One more cut for all that live. */
  cutAll(): void {
    for (const pair of this.pairs) this.cut(pair);
  }

  async close(): Promise<void> {
    this.isBad = false;
    this.cutAll();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(near: Socket): void {
    const far = connect(this.ports[Math.floor(Math.random() * this.ports.length)] ?? 0, '127.0.0.1');
    const pair = { near, far };
    const doom = { within: false };
    this.pairs.add(pair);
    for (const socket of [near, far]) socket.on('error', () => undefined).on('close', () => this.end(pair));
    near.on('data', (chunk: Buffer) => far.write(chunk));
    far.on('data', (chunk: Buffer) => {
      if (!doom.within) return near.write(chunk);
      near.write(chunk.subarray(0, Math.floor(Math.random() * chunk.length)), () => this.cut(pair));
    });
    if (!this.isBad) return;
    setTimeout(() => {
      if (Math.random() < 0.5) this.cut(pair);
      else doom.within = true;
    }, Math.random() * LONGEST_LIFE_MS);
  }

  private cut(pair: { readonly near: Socket; readonly far: Socket }): void {
    if (!this.pairs.delete(pair)) return;
    this.cuts += 1;
    pair.near.resetAndDestroy();
    pair.far.resetAndDestroy();
  }

  private end(pair: { readonly near: Socket; readonly far: Socket }): void {
    this.pairs.delete(pair);
    pair.near.destroy();
    pair.far.destroy();
  }
}

type Question<Given extends unknown[], Answer> = (...given: Given) => Promise<Answer>;

function late<Given extends unknown[], Answer>(ask: Question<Given, Answer>): Question<Given, Answer> {
  return async (...given) => {
    const answer = await ask(...given);
    if (Math.random() < 0.5) await pause(Math.random() * LATEST_MS);
    return answer;
  };
}

/** What is read of inboxes is known a moment later, when it may be true no longer: what is told live and what is caught up with overtake each other. */
function answerLate({ app }: Instance): void {
  const inboxes = app.get(InboxRepository);
  inboxes.states = late(inboxes.states.bind(inboxes));
  inboxes.after = late(inboxes.after.bind(inboxes));
  inboxes.news = late(inboxes.news.bind(inboxes));
}

interface Heard {
  readonly title: string;
  readonly offset: number;
}

/** Comes back at once, by its session's id, and asks for what came after the last it heard. */
class Returning {
  private static readonly all = new Set<Returning>();
  readonly heard: Heard[] = [];
  restored = 0;
  refused = 0;
  private sid: string | undefined;
  private place: { readonly stream: string; readonly at: Place } | undefined;
  private isOver = false;
  private socket: WebSocket | undefined;

  constructor(
    private readonly address: string,
    private readonly token: string,
    private readonly since: number,
  ) {
    Returning.all.add(this);
    this.open();
  }

  static endAll(): void {
    for (const client of Returning.all) {
      client.isOver = true;
      client.socket?.terminate();
    }
  }

  private open(): void {
    if (this.isOver) return;
    const query = new URLSearchParams({ token: this.token, ...(this.sid !== undefined && { sid: this.sid }) });
    const socket = new WebSocket(`${this.address}?${query}`, [SUBPROTOCOL]);
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('close', () => setTimeout(() => this.open(), 1));
    socket.on('message', (data: Buffer) => this.hear(socket, JSON.parse(data.toString()) as Frame));
  }

  private hear(socket: WebSocket, frame: Frame): void {
    const history = this.place === undefined ? { since: this.since, streams: {} } : { streams: { [this.place.stream]: this.place.at } };
    if (frame.type === 'welcome') {
      this.sid = frame.sid as string;
      if (frame.restored === true) this.restored += 1;
      const isSubscribed = (frame.restored_ids as string[] | undefined)?.includes(CHANNEL) === true;
      socket.send(JSON.stringify({ command: isSubscribed ? 'history' : 'subscribe', identifier: CHANNEL, history }));
    } else if (frame.type === 'reject_history') {
      this.refused += 1;
    } else if (frame.message?.action === 'new_notification') {
      this.place = { stream: frame.stream_id as string, at: placeOf(frame) };
      this.heard.push({ title: frame.message.notification.title as string, offset: frame.offset as number });
    }
  }
}

let world: World;
let instances: Instance[];
let network: BadNetwork;
beforeAll(async () => {
  world = await World.start();
  instances = [world.instance, await world.anotherInstance()];
  instances.forEach(answerLate);
  network = await BadNetwork.before(instances);
});
afterEach(() => {
  network.isBad = false;
  Returning.endAll();
});
afterAll(async () => {
  await network.close();
  await world.stop();
});

/** Tells all of them, in turn at either instance, as long as it is to go on; what was told, in order. */
async function newsFor(members: readonly Person[], prefix: string, goesOn: () => boolean): Promise<string[]> {
  const [admin] = members;
  const told: string[] = [];
  for (let turn = 1; goesOn(); turn += 1) {
    const title = `${prefix} ${turn}`;
    const body = { notification: { user_ids: members.map(({ id }) => id), type: 'news', title, message: 'It is news.' } };
    const answer = await admin?.client.at(`${instances[turn % 2]?.base}/api/v1`).post('/notifications', body);
    if (answer?.status !== 201) throw new Error(`tell: ${answer?.status} ${JSON.stringify(answer?.body)}`);
    told.push(title);
    await pause(PAUSE_BETWEEN_NEWS_MS);
  }
  return told;
}

function times(count: number): () => boolean {
  let left = count;
  return () => (left -= 1) >= 0;
}

async function team(size: number): Promise<Person[]> {
  const admin = await world.register();
  const members = [admin];
  while (members.length < size) members.push(await world.member(admin));
  return members;
}

/** How many subscriptions an instance still listens for. */
function listenersAt({ app }: Instance): number {
  return (Reflect.get(app.get(Streams), 'streams') as ReadonlyMap<number, unknown>).size;
}

it(`over ${CUTS} random cuts, on two instances, each notification comes once and in its order`, async () => {
  const members = await team(MEMBERS);
  const since = Math.floor(Date.now() / 1000) - 1;
  network.isBad = true;
  const clients = members.map(({ accessToken }) => new Returning(network.base, accessToken, since));
  // On a slow machine most connections end before they were welcomed.
  const told = await newsFor(members, 'news', () => network.cuts <= CUTS || clients.some(({ restored }) => restored <= RESTORED));
  network.isBad = false;
  const { cuts } = network;
  network.cutAll();
  await eventually(async () => clients.every(({ heard }) => heard.at(-1)?.title === told.at(-1)), 60);
  report(`${cuts} cuts, ${told.length} notifications to each of ${clients.length}, restored ${clients.map(({ restored }) => restored).join(' ')} times`);
  for (const { heard, refused, restored } of clients) {
    expect(heard).toEqual(told.map((title, index) => ({ title, offset: index + 1 })));
    expect(refused).toBe(0);
    expect(restored).toBeGreaterThan(RESTORED);
  }
  Returning.endAll();
  // Nothing is kept of those who left, also of those who left before they were welcomed.
  await eventually(async () => instances.every((instance) => listenersAt(instance) === 0), 60);
});

it.each([
  ['actioncable-v1-ext-json', true],
  ['actioncable-v1-json', false],
] as const)('the official client comes back each time by %s, and hears nothing twice', async (protocol, missesNothing) => {
  const members = await team(2);
  const cables = members.map(({ accessToken }) =>
    createCable(`${network.base}?token=${accessToken}`, { protocol, websocketImplementation: WebSocket, reconnectStrategy: () => 5, logLevel: 'error' }),
  );
  const heard = members.map((): string[] => []);
  const channels = cables.map((cable) => cable.subscribeTo('NotificationsChannel'));
  const reconnects = { count: 0 };
  for (const cable of cables) cable.on('connect', ({ reconnect }) => void (reconnects.count += reconnect === true ? 1 : 0));
  channels.forEach((channel, index) => channel.on('message', (message) => {
    const { action, notification } = message as Frame;
    if (action === 'new_notification') heard[index]?.push(notification.title as string);
  }));
  await Promise.all(channels.map(async (channel) => channel.ensureSubscribed()));
  const enough = network.cuts + OFFICIAL_CUTS;
  // A client that has not noticed its cut yet calls itself connected, and misses what comes then.
  const noticed = cables.map(() => 0);
  cables.forEach((cable, index) => cable.on('disconnect', () => void (noticed[index] = (noticed[index] ?? 0) + 1)));
  const back = async (cuts: number) => eventually(async () =>
    noticed.every((times) => times >= cuts) && [...channels, ...cables].every(({ state }) => state === 'connected'));
  const told = newsFor(members, 'news', () => network.cuts < enough);
  let cuts = 0;
  for (; network.cuts < enough; cuts += 1) {
    await back(cuts);
    await pause(Math.random() * 60);
    network.cutAll();
  }
  await told;
  await back(cuts);
  const last = await newsFor(members, 'last', times(3));
  await eventually(async () => heard.every((titles) => titles.at(-1) === 'last 3'));
  const all = [...(await told), ...last];
  for (const titles of heard) {
    expect(titles).toEqual(missesNothing ? all : all.filter((title) => titles.includes(title)));
    expect(titles.slice(-3)).toEqual(last);
  }
  expect(reconnects.count).toBeGreaterThanOrEqual(OFFICIAL_CUTS / 2);
  for (const cable of cables) cable.disconnect();
});
