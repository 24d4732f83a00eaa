import { InboxRepository } from '../../apps/api/src/notifications/index.js';
import { eventually } from '../audit/trail.js';
import { type Instance, type Person, World } from '../support/world.js';
import { CHANNEL, ExtClient, type Frame, placeOf } from './ext-client.js';
import { tell } from './telling.js';

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

const listening = async (base = world.instance.base) => ExtClient.listening(base, admin.accessToken);
const elsewhere = () => ({ client: admin.client.at(`${other.base}/api/v1`) });
const read = async (id: number | undefined) => admin.client.at(`${other.base}/api/v1`).post(`/notifications/${id}/read`);

/** What a tab shows beside its bell. */
const shown = ({ frames }: ExtClient) => frames.findLast(({ message }) => message?.unread_count !== undefined)?.message.unread_count as number;

const shows = async (client: ExtClient, count: number) => eventually(async () => shown(client) === count, 5);

/** Holds up an instance's reading of what it heard, as a slow database would, until what is given is done. */
async function whileReadingWaits({ app }: Instance, work: () => Promise<unknown>): Promise<void> {
  const inboxes = app.get(InboxRepository);
  const news = inboxes.news.bind(inboxes);
  const { promise, resolve } = Promise.withResolvers<undefined>();
  inboxes.news = async (heads, most) => {
    // What one client asks for is read apart, and a hundred at a time.
    if (most > 100) await promise;
    return news(heads, most);
  };
  try {
    await work();
  } finally {
    inboxes.news = news;
    resolve(undefined);
  }
}

describe('the count of what is unread', () => {
  it('comes to whoever listened before, where somebody joins between its change and its telling', async () => {
    const client = await listening();
    const ids = [await tell(admin, [admin]), await tell(admin, [admin])].flat();
    await shows(client, 2);
    await whileReadingWaits(world.instance, async () => {
      await read(ids[0]);
      await listening();
    });
    await shows(client, 1);
  });

  it('comes to a restored subscription that waited meanwhile, once it waits no longer', async () => {
    const former = await listening();
    const [id] = await tell(admin, [admin]);
    const frame = await former.hears(({ offset }) => offset === 1);
    await former.drop();
    const witness = await listening(other.base);
    const client = await ExtClient.connect(other.base, admin.accessToken, { sid: former.sid });
    await read(id);
    await shows(witness, 0);
    expect((await client.history({ streams: { [frame.stream_id]: placeOf(frame) } })).map(({ type, message }: Frame) => (type ?? message) as unknown)).toContain('confirm_history');
    await shows(client, 0);
  });

  it('is right with what is caught up before its instance has heard of it', async () => {
    await tell(admin, [admin]);
    const client = await ExtClient.connect(world.instance.base, admin.accessToken);
    const inboxes = world.instance.app.get(InboxRepository);
    const state = inboxes.offsetSince.bind(inboxes);
    await whileReadingWaits(world.instance, async () => {
      inboxes.offsetSince = async (...given) => {
        inboxes.offsetSince = state;
        const first = await state(...given);
        await tell(elsewhere(), [admin]);
        return first;
      };
      client.send({ command: 'subscribe', identifier: CHANNEL, history: { since: 0 } });
      await client.hears(({ type }) => type === 'confirm_history');
    });
    await shows(client, 2);
    await tell(elsewhere(), [admin]);
    await shows(client, 3);
    expect(client.told().map(({ offset }) => offset as number)).toEqual([1, 2, 3]);
  });

  it('comes to the socket that marked one as read, where another was read at the same time', async () => {
    const [client, tab] = [await listening(), await listening(other.base)];
    const ids = [await tell(admin, [admin]), await tell(admin, [admin]), await tell(admin, [admin])].flat();
    await shows(client, 3);
    await shows(tab, 3);
    await whileReadingWaits(world.instance, async () => {
      client.send({ command: 'message', identifier: CHANNEL, data: JSON.stringify({ action: 'mark_as_read', id: ids[0] }) });
      await shows(tab, 2);
      tab.send({ command: 'message', identifier: CHANNEL, data: JSON.stringify({ action: 'mark_as_read', id: ids[1] }) });
      await eventually(async () => (await admin.client.get('/notifications/unread_count')).body.unread_count === 1);
    });
    await shows(client, 1);
  });
});
