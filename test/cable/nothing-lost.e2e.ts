import { pause } from '../bad-days/until.js';
import { InboxRepository } from '../../apps/api/src/notifications/index.js';
import { type Instance, type Person, World } from '../support/world.js';
import { eventually } from '../audit/trail.js';
import { CHANNEL, ExtClient, type Frame, type Place, placeOf } from './ext-client.js';
import { names, streamIn, tellInTurn } from './telling.js';

const OTHER_SPELLING = JSON.stringify({ channel: 'NotificationsChannel', tab: 2 });
const RETAINED = 100;
/** So long what is restored waits for its client. */
const WAIT_MS = 5_000;

let world: World;
let other: Instance;
let admin: Person;
beforeAll(async () => {
  world = await World.start();
  other = await world.anotherInstance();
});
afterAll(async () => {
  await world.stop();
});
beforeEach(async () => {
  admin = await world.register();
});
afterEach(async () => {
  await ExtClient.closeAll();
});

const tell = async (titles: readonly string[], to: Person = admin, client = admin.client) => tellInTurn({ client }, to, titles);

async function tellMany(count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, async (_, index) => tell([`n${index}`])));
}

const listening = async (person = admin, base = world.instance.base) => ExtClient.listening(base, person.accessToken);
const confirmed = (frames: readonly Frame[]) => frames.map(({ type, message }) => (type ?? message.notification.title) as string);

const streamOf = async (person: Person) => streamIn(world, person);

async function age(person: Person, offset: number, by: string): Promise<void> {
  await world.database.sql(
    'UPDATE notifications n SET created_at = now() - $3::interval FROM memberships m WHERE m.id = n.membership_id AND m.user_id = $1 AND n.stream_offset = $2',
    [person.id, offset, by],
  );
}

/** Somebody who heard a few and went away; what came meanwhile waits. */
async function wentAway(heard: number, missed: number): Promise<{ place: Place; stream: string; sid: string }> {
  const client = await listening();
  await tell(names(heard));
  const frame = await client.hearsNotification(`news ${heard}`);
  await client.drop();
  await tell(names(missed, heard + 1));
  return { place: placeOf(frame), stream: frame.stream_id as string, sid: client.sid };
}

describe('a place', () => {
  it('is given to each notification: one stream and epoch, and offsets that grow by one from one', async () => {
    const client = await listening();
    await tell(names(5));
    await client.hearsNotification('news 5');
    const { id, epoch } = await streamOf(admin);
    expect(client.told().map(({ stream_id, offset, ...frame }) => [stream_id, frame.epoch, offset])).toEqual([1, 2, 3, 4, 5].map((offset) => [id, epoch, offset]));
    expect(Object.keys(client.told()[0])).toEqual(['identifier', 'message', 'stream_id', 'epoch', 'offset']);
    expect(epoch).not.toBe('');
  });

  it('is the member’s own: another’s stream and epoch are others', async () => {
    const eva = await world.member(admin);
    const [mine, theirs] = [await listening(), await listening(eva)];
    await tell(['mine']);
    await tell(['theirs'], eva);
    const [one, another] = [await mine.hearsNotification('mine'), await theirs.hearsNotification('theirs')];
    expect([one.offset, another.offset]).toEqual([1, 1]);
    expect(one.stream_id).not.toBe(another.stream_id);
    expect(one.epoch).not.toBe(another.epoch);
    await Promise.all([mine.settled(), theirs.settled()]);
    expect([mine.titles(), theirs.titles()]).toEqual([['mine'], ['theirs']]);
  });

  it('is not given to a count of what is unread, which stands in no row', async () => {
    const client = await listening();
    await tell(['one', 'two']);
    const { message } = await client.hearsNotification('two');
    await admin.client.post(`/notifications/${message.notification.id}/read`);
    const frame = await client.hears((one) => one.message?.action === 'unread_count');
    expect(frame).toEqual({ identifier: CHANNEL, message: { action: 'unread_count', unread_count: 1 } });
    await tell(['three']);
    expect((await client.hearsNotification('three')).offset).toBe(3);
  });

  it('holds on every instance, and after a restart', async () => {
    const { place, stream } = await wentAway(2, 2);
    const restarted = await world.anotherInstance();
    for (const base of [other.base, restarted.base]) {
      const client = await listening(admin, base);
      const answer = await client.history({ streams: { [stream]: place } });
      expect(answer.slice(0, 2).map(placeOf)).toEqual([{ ...place, offset: 3 }, { ...place, offset: 4 }]);
      expect(confirmed(answer)).toEqual(['news 3', 'news 4', 'confirm_history']);
    }
  });
});

describe('the welcome', () => {
  it('has an id that nobody can guess, another for each connection', async () => {
    const sids = [];
    for (const base of [world.instance.base, world.instance.base, other.base]) {
      const { welcome } = await ExtClient.connect(base, admin.accessToken);
      expect(Object.keys(welcome)).toEqual(['type', 'sid']);
      // 160 bits at least.
      expect(welcome.sid).toMatch(/[0-9a-f]{40}/);
      sids.push(welcome.sid);
    }
    expect(new Set(sids).size).toBe(3);
  });

  it('is kept by its digest alone', async () => {
    const { sid } = await listening();
    const [row] = await world.database.sql<{ dump: string }>('SELECT string_agg(r::text, chr(10)) AS dump FROM cable_resumptions r');
    expect(row?.dump).toContain('\\x');
    expect(row?.dump).not.toContain(sid);
    expect(row?.dump).not.toContain(Buffer.from(sid).toString('hex'));
  });
});

describe('history', () => {
  it('from a place is all that came after it, in order, and then a word that this was all', async () => {
    const { place, stream } = await wentAway(1, 4);
    const client = await listening();
    const answer = await client.history({ streams: { [stream]: place } });
    expect(confirmed(answer)).toEqual(['news 2', 'news 3', 'news 4', 'news 5', 'confirm_history']);
    expect(answer.at(-1)).toEqual({ identifier: CHANNEL, type: 'confirm_history' });
    expect(answer[0]).toMatchObject({ identifier: CHANNEL, stream_id: stream, epoch: place.epoch, offset: 2, message: { action: 'new_notification', notification: { title: 'news 2' } } });
  });

  it('rides on a subscription: the confirmation, what was missed, the word, and then what is new', async () => {
    const { place, stream } = await wentAway(1, 2);
    const client = await ExtClient.connect(other.base, admin.accessToken);
    client.send({ command: 'subscribe', identifier: CHANNEL, history: { streams: { [stream]: place } } });
    await client.hears(({ type }) => type === 'confirm_history');
    await tell(['live']);
    await client.hearsNotification('live');
    expect(confirmed(client.frames)).toEqual(['welcome', 'confirm_subscription', 'news 2', 'news 3', 'confirm_history', 'live']);
  });

  it('of nothing missed is the word alone', async () => {
    const { place, stream } = await wentAway(2, 0);
    const client = await listening();
    for (const history of [{ streams: { [stream]: place } }, { streams: {} }, {}]) expect(confirmed(await client.history(history))).toEqual(['confirm_history']);
  });

  it('from offset zero is the whole stream, where it is kept', async () => {
    await wentAway(1, 2);
    const client = await listening();
    const { id, epoch } = await streamOf(admin);
    expect(confirmed(await client.history({ streams: { [id]: { epoch, offset: 0 } } }))).toEqual(['news 1', 'news 2', 'news 3', 'confirm_history']);
  });

  it('since a moment is what came from then on', async () => {
    await tell(names(4));
    for (const [offset, by] of [[1, '3 hours'], [2, '2 hours'], [3, '30 minutes']] as const) await age(admin, offset, by);
    const client = await listening();
    const since = Math.floor(Date.now() / 1000) - 3600;
    expect(confirmed(await client.history({ since }))).toEqual(['news 3', 'news 4', 'confirm_history']);
  });

  it('since long ago goes a day back and no further', async () => {
    await tell(names(3));
    await age(admin, 1, '24 hours 1 minute');
    await age(admin, 2, '23 hours 55 minutes');
    const client = await listening();
    expect(confirmed(await client.history({ since: 0 }))).toEqual(['news 2', 'news 3', 'confirm_history']);
  });

  it('since long ago is the last hundred and no more', async () => {
    await tellMany(RETAINED + 3);
    const client = await listening();
    const answer = await client.history({ since: 0 });
    expect(answer.slice(0, -1).map(({ offset }) => offset as number)).toEqual(Array.from({ length: RETAINED }, (_, index) => index + 4));
    expect(answer.at(-1).type).toBe('confirm_history');
  });

  it('in the future is nothing', async () => {
    await tell(names(2));
    const client = await listening();
    expect(confirmed(await client.history({ since: Math.floor(Date.now() / 1000) + 600 }))).toEqual(['confirm_history']);
  });

  it('of a hundred is given, of more is refused, from a place', async () => {
    await tellMany(RETAINED + 2);
    const client = await listening();
    const { id, epoch } = await streamOf(admin);
    expect(confirmed(await client.history({ streams: { [id]: { epoch, offset: 1 } } }))).toEqual(['reject_history']);
    const answer = await client.history({ streams: { [id]: { epoch, offset: 2 } } });
    expect(answer.slice(0, -1).map(({ offset }) => offset as number)).toEqual(Array.from({ length: RETAINED }, (_, index) => index + 3));
  });

  it('of what is older than a day is refused, from a place, whatever came since', async () => {
    await tell(names(3));
    const client = await listening();
    const { id, epoch } = await streamOf(admin);
    await age(admin, 2, '24 hours 1 minute');
    expect(confirmed(await client.history({ streams: { [id]: { epoch, offset: 1 } } }))).toEqual(['reject_history']);
    expect(confirmed(await client.history({ streams: { [id]: { epoch, offset: 2 } } }))).toEqual(['news 3', 'confirm_history']);
  });

  it.each<[string, (place: Place) => unknown]>([
    ['another epoch', ({ offset }) => ({ epoch: 'another', offset })],
    ['no epoch', ({ offset }) => ({ offset })],
    ['the future', ({ epoch }) => ({ epoch, offset: 5 })],
    ['far in the future', ({ epoch }) => ({ epoch, offset: Number.MAX_SAFE_INTEGER })],
    ['before the beginning', ({ epoch }) => ({ epoch, offset: -1 })],
    ['between two', ({ epoch }) => ({ epoch, offset: 1.5 })],
    ['in words', ({ epoch }) => ({ epoch, offset: '1' })],
    ['no offset', ({ epoch }) => ({ epoch })],
    ['no place', () => null],
    ['a list', () => []],
  ])('from %s is refused and nothing else, and the subscription hears on', async (_, make) => {
    const { place, stream } = await wentAway(1, 2);
    const client = await listening();
    const streams = { [stream]: make(place) };
    expect(await client.history({ streams })).toEqual([{ identifier: CHANNEL, type: 'reject_history' }]);
    await tell(['live']);
    await client.hearsNotification('live');
    expect(client.titles()).toEqual(['live']);
    const riding = await ExtClient.connect(other.base, admin.accessToken);
    riding.send({ command: 'subscribe', identifier: CHANNEL, history: { streams } });
    await riding.hears(({ type }) => type === 'reject_history');
    await tell(['later']);
    await riding.hearsNotification('later');
    expect(confirmed(riding.frames)).toEqual(['welcome', 'confirm_subscription', 'reject_history', 'later']);
  });

  it('of another’s stream is not told, by whatever place in it; one’s own beside it is', async () => {
    const eva = await world.member(admin);
    await tell(['secret one', 'secret two'], eva);
    const theirs = await streamOf(eva);
    const { place, stream } = await wentAway(1, 1);
    const client = await listening();
    const foreign = { [theirs.id]: { epoch: theirs.epoch, offset: 0 }, 'notifications:4000000': { epoch: 'x', offset: -1 }, constructor: { epoch: 'x', offset: 0 } };
    expect(confirmed(await client.history({ streams: foreign }))).toEqual(['confirm_history']);
    expect(confirmed(await client.history({ streams: { ...foreign, [stream]: place } }))).toEqual(['news 2', 'confirm_history']);
    expect(JSON.stringify(client.frames)).not.toContain('secret');
  });

  it('is each subscription’s own', async () => {
    const { place, stream } = await wentAway(1, 2);
    const client = await listening();
    await client.subscribe(OTHER_SPELLING);
    await client.history({ streams: { [stream]: place } }, OTHER_SPELLING);
    expect([client.titles(CHANNEL), client.titles(OTHER_SPELLING)]).toEqual([[], ['news 2', 'news 3']]);
  });

  it('asked for again, or further back, tells nothing twice', async () => {
    const { place, stream } = await wentAway(1, 3);
    const client = await listening();
    const from = async (offset: number) => confirmed(await client.history({ streams: { [stream]: { ...place, offset } } }));
    expect(await from(3)).toEqual(['news 4', 'confirm_history']);
    expect(await from(3)).toEqual(['confirm_history']);
    await tell(['live']);
    await client.hearsNotification('live');
    expect(await from(1)).toEqual(['news 2', 'news 3', 'confirm_history']);
    expect(await from(0)).toEqual(['news 1', 'confirm_history']);
    expect(client.titles().toSorted()).toEqual(['live', ...names(4)]);
  });
});

describe('resuming', () => {
  const ways = [
    ['by the query', (sid: string) => ({ sid })],
    ['by a header', (sid: string) => ({ headers: { 'X-ANYCABLE-RESTORE-SID': sid } })],
  ] as const;

  it.each(ways)('%s works on another instance: no new confirmations, and nothing is lost', async (_, by) => {
    const { place, stream, sid } = await wentAway(2, 3);
    const client = await ExtClient.connect(other.base, admin.accessToken, by(sid));
    expect(client.welcome).toEqual({ type: 'welcome', sid: expect.any(String), restored: true, restored_ids: [CHANNEL] });
    expect(client.sid).not.toBe(sid);
    expect(confirmed(await client.history({ streams: { [stream]: place } }))).toEqual(['news 3', 'news 4', 'news 5', 'confirm_history']);
    await tell(['live']);
    await client.hearsNotification('live');
    expect(client.types()).not.toContain('confirm_subscription');
    expect(client.titles()).toEqual(['news 3', 'news 4', 'news 5', 'live']);
  });

  it('goes on by the new id, and again by the old one where its welcome was lost', async () => {
    const { sid } = await wentAway(1, 0);
    const lost = await ExtClient.connect(other.base, admin.accessToken, { sid });
    await lost.drop();
    for (const one of [sid, lost.sid]) {
      const client = await ExtClient.connect(world.instance.base, admin.accessToken, { sid: one });
      expect([client.welcome.restored, client.welcome.restored_ids]).toEqual([true, [CHANNEL]]);
    }
  });

  it('restores what was subscribed to at the end, in its order, and nothing that was given up', async () => {
    const client = await listening();
    const given = JSON.stringify({ channel: 'NotificationsChannel', tab: 1 });
    await client.subscribe(given);
    await client.subscribe(OTHER_SPELLING);
    client.send({ command: 'unsubscribe', identifier: given });
    await client.settled();
    await client.drop();
    const again = await ExtClient.connect(other.base, admin.accessToken, { sid: client.sid });
    expect(again.welcome.restored_ids).toEqual([CHANNEL, OTHER_SPELLING]);
  });

  it('is nobody’s without a token that holds, and the id remains', async () => {
    const { sid } = await wentAway(1, 0);
    const elsewhere = await world.login(admin.email);
    for (const token of ['', 'x', `${admin.accessToken}x`]) {
      const client = await ExtClient.connect(world.instance.base, token, { sid });
      expect(client.frames).toEqual([{ type: 'disconnect', reason: 'unauthorized', reconnect: false }]);
    }
    await admin.client.post('/auth/logout');
    const revoked = await ExtClient.connect(other.base, admin.accessToken, { sid });
    expect(revoked.frames).toEqual([{ type: 'disconnect', reason: 'unauthorized', reconnect: false }]);
    // Another session of the same member.
    expect((await ExtClient.connect(other.base, elsewhere.accessToken, { sid })).welcome.restored).toBe(true);
  });

  it('is no other member’s, and not one’s own in another organization or product', async () => {
    const { sid } = await wentAway(1, 2);
    const eva = await world.member(admin);
    const beta = await world.register({ email: admin.email, organization: 'Beta' });
    const elsewhere = await world.register({ email: admin.email, organization: 'Beta', product: 'kiket' });
    expect([beta.id, elsewhere.id]).toEqual([admin.id, admin.id]);
    for (const person of [eva, beta, elsewhere]) {
      for (const [, by] of ways) {
        const { welcome } = await ExtClient.connect(world.instance.base, person.accessToken, by(sid));
        expect(welcome).toEqual({ type: 'welcome', sid: expect.any(String) });
      }
    }
    expect((await ExtClient.connect(world.instance.base, admin.accessToken, { sid })).welcome.restored).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['a letter', 'x'],
    ['a name of JavaScript’s', '__proto__'],
    ['SQL', "'; DROP TABLE cable_resumptions; --"],
    ['zeros', `cable_${'0'.repeat(48)}`],
    ['four thousand letters', 'x'.repeat(4_000)],
  ])('by what is no id is a new connection: %s', async (_, sid) => {
    const client = await ExtClient.connect(world.instance.base, admin.accessToken, { sid });
    expect(client.welcome).toEqual({ type: 'welcome', sid: expect.any(String) });
    await client.subscribe();
    await tell(['live']);
    await client.hearsNotification('live');
  });
});

describe('exactly once', () => {
  it('holds what comes before the client has said what it has, and tells it after that, in its order', async () => {
    const { place, stream, sid } = await wentAway(1, 2);
    const witness = await listening(admin, other.base);
    const client = await ExtClient.connect(other.base, admin.accessToken, { sid });
    await tell(names(2, 4));
    await witness.hearsNotification('news 5');
    await client.settled();
    expect(client.titles()).toEqual([]);
    await client.history({ streams: { [stream]: place } });
    await tell(['news 6']);
    await client.hearsNotification('news 6');
    expect(client.told().map(({ offset }) => offset as number)).toEqual([2, 3, 4, 5, 6]);
    expect(client.titles()).toEqual(names(5, 2));
  });

  it('holds it for five seconds and no longer, then tells it in its order, and what was missed when it is asked for after all', async () => {
    const { place, stream, sid } = await wentAway(1, 2);
    const begun = performance.now();
    const client = await ExtClient.connect(other.base, admin.accessToken, { sid });
    const restored = performance.now();
    await tell(names(3, 4));
    await eventually(async () => client.told().length > 0);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(WAIT_MS - 50);
    expect(performance.now() - restored).toBeLessThan(WAIT_MS + 3_000);
    await tell(['news 7']);
    await client.hearsNotification('news 7');
    expect(client.titles()).toEqual(names(4, 4));
    expect(confirmed(await client.history({ streams: { [stream]: place } }))).toEqual(['news 2', 'news 3', 'confirm_history']);
  });

  it('tells on after a refusal, with what was held', async () => {
    const { stream, sid } = await wentAway(1, 0);
    const witness = await listening(admin, other.base);
    const client = await ExtClient.connect(other.base, admin.accessToken, { sid });
    await tell(['news 2']);
    await witness.hearsNotification('news 2');
    expect((await client.history({ streams: { [stream]: { epoch: 'another', offset: 1 } } }))[0].type).toBe('reject_history');
    await tell(['news 3']);
    await client.hearsNotification('news 3');
    expect(client.titles()).toEqual(['news 2', 'news 3']);
  });

  it('lets each restored subscription wait for its own answer', async () => {
    const first = await listening();
    await first.subscribe(OTHER_SPELLING);
    await tell(['news 1']);
    const frame = await first.hearsNotification('news 1');
    await first.drop();
    const client = await ExtClient.connect(other.base, admin.accessToken, { sid: first.sid });
    await client.history({ streams: { [frame.stream_id]: placeOf(frame) } }, OTHER_SPELLING);
    await tell(['news 2']);
    await client.hearsNotification('news 2');
    await client.settled();
    expect([client.titles(OTHER_SPELLING), client.titles(CHANNEL)]).toEqual([['news 2'], []]);
    await client.history({ streams: { [frame.stream_id]: placeOf(frame) } });
    expect([client.titles(OTHER_SPELLING), client.titles(CHANNEL)]).toEqual([['news 2'], ['news 2']]);
  });

  it('tells nothing to a restored subscription that was given up while it waited, and nothing twice to its successor', async () => {
    const first = await listening();
    await first.subscribe(OTHER_SPELLING);
    await first.drop();
    const witness = await listening(admin, other.base);
    const client = await ExtClient.connect(other.base, admin.accessToken, { sid: first.sid });
    for (const identifier of [CHANNEL, OTHER_SPELLING]) client.send({ command: 'unsubscribe', identifier });
    await client.subscribe(OTHER_SPELLING);
    await tell(['news 1']);
    await witness.hearsNotification('news 1');
    // Until after they would have waited no longer.
    await pause(WAIT_MS + 500);
    await client.settled();
    expect([client.titles(CHANNEL), client.titles(OTHER_SPELLING)]).toEqual([[], ['news 1']]);
  });

  it('holds while notifications come, and while their history is asked for', async () => {
    const { place, stream } = await wentAway(1, 20);
    const client = await ExtClient.connect(other.base, admin.accessToken);
    const coming = tell(names(30, 22));
    client.send({ command: 'subscribe', identifier: CHANNEL, history: { streams: { [stream]: place } } });
    await coming;
    await client.hearsNotification('news 51');
    expect(client.titles()).toEqual(names(50, 2));
  });

  it.each([0, 1])('misses nothing that comes between the reading of what was missed, here %i, and its telling', async (missed) => {
    const { place, stream } = await wentAway(1, missed);
    const witness = await listening(admin, other.base);
    const client = await ExtClient.connect(other.base, admin.accessToken);
    const inboxes = other.app.get(InboxRepository);
    const news = inboxes.news.bind(inboxes);
    inboxes.news = async (heads, most) => {
      const rows = await news(heads, most);
      // What the instance heard is read more at a time.
      if (most > 100) return rows;
      inboxes.news = news;
      await tell(['between']);
      await witness.hearsNotification('between');
      return rows;
    };
    client.send({ command: 'subscribe', identifier: CHANNEL, history: { streams: { [stream]: place } } });
    await client.hears(({ type }) => type === 'confirm_history');
    await tell(['live']);
    await client.hearsNotification('live');
    expect(client.titles()).toEqual([...names(missed, 2), 'between', 'live']);
  });

  it('tells soon what comes while it is looked up where the stream stands', async () => {
    const witness = await listening();
    const client = await ExtClient.connect(other.base, admin.accessToken);
    const inboxes = other.app.get(InboxRepository);
    const open = inboxes.open.bind(inboxes);
    inboxes.open = async (...given) => {
      const state = await open(...given);
      inboxes.open = open;
      await tell(['between']);
      await witness.hearsNotification('between');
      await pause(500);
      return state;
    };
    await client.subscribe();
    await eventually(async () => client.titles().includes('between'), 3);
    await tell(['live']);
    await client.hearsNotification('live');
    expect(client.titles()).toEqual(['between', 'live']);
  });

  it('does not depend on which instance is told first', async () => {
    const [here, there] = [await listening(), await listening(admin, other.base)];
    const clients = [admin.client, admin.client.at(`${other.base}/api/v1`)];
    await Promise.all(Array.from({ length: 40 }, async (_, index) => tell([`n${index}`], admin, clients[index % 2])));
    await eventually(async () => [here, there].every((client) => client.told().length >= 40));
    await pause(100);
    for (const client of [here, there]) expect(client.told().map(({ offset }) => offset as number)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    expect(here.titles()).toEqual(there.titles());
  });
});

describe('what this server has no use for', () => {
  it.each([
    { command: 'pong' },
    { command: 'pong', identifier: CHANNEL },
    { command: 'join', identifier: CHANNEL, presence: { id: 1, info: {} } },
    { command: 'leave', identifier: CHANNEL, presence: { id: 1 } },
    { command: 'presence', identifier: CHANNEL, data: {} },
    { command: 'whisper', identifier: CHANNEL, data: { typing: true } },
    { command: 'history', identifier: CHANNEL },
  ])('is ignored: %j', async (command) => {
    const [client, tab] = [await listening(), await listening(admin, other.base)];
    const before = client.frames.length;
    client.send(command);
    await client.settled();
    expect(client.frames.slice(before).map(({ type }) => type)).toEqual(['reject_subscription']);
    await tell(['live']);
    await Promise.all([client.hearsNotification('live'), tab.hearsNotification('live')]);
    expect(tab.types()).toEqual(['welcome', 'confirm_subscription', 'new_notification']);
  });
});
