import { Database } from '#database';
import { Signals } from '#signals';
import { pause } from '../bad-days/until.js';
import { Inbox, InboxRepository } from '../../apps/api/src/notifications/index.js';
import { type Instance, type Person, World } from '../support/world.js';
import { eventually } from '../audit/trail.js';
import { ExtClient } from './ext-client.js';
import { names, streamIn, tellInTurn } from './telling.js';

const MOST_AT_ONCE = 5_000;
/** So often everybody is compared with the database. */
const COMPARED_SECONDS = 10;

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
const listening = async (person = admin, base = world.instance.base) => ExtClient.listening(base, person.accessToken);
const streamOf = async (person: Person) => streamIn(world, person);

/** What it does meanwhile, it tells no instance of. */
async function silenced({ app }: Instance, work: () => Promise<unknown>): Promise<void> {
  const signals = app.get(Signals, { strict: false });
  const announce = signals.announce.bind(signals);
  signals.announce = async () => undefined;
  try {
    await work();
  } finally {
    signals.announce = announce;
  }
}

describe('what is delivered by the very instance', () => {
  /** While it cannot read the inboxes. */
  async function blinded<Result>({ app }: Instance, work: () => Promise<Result>): Promise<Result> {
    const inboxes = app.get(InboxRepository);
    const news = inboxes.news.bind(inboxes);
    inboxes.news = async () => Promise.reject(new Error('blinded'));
    try {
      return await work();
    } finally {
      inboxes.news = news;
    }
  }

  it('is told from memory, as the others read it, several at once too', async () => {
    const [here, there] = [await listening(), await listening(admin, other.base)];
    const eva = await world.member(admin);
    const [hers, hersThere] = [await listening(eva), await listening(eva, other.base)];
    await blinded(world.instance, async () => {
      await tell(names(3));
      await here.hearsNotification('news 3');
    });
    const { body } = await admin.client.post('/notifications', { notification: { user_ids: [eva.id, admin.id], type: 'news', title: 'to both', message: 'It is news.', url: '/x' } });
    // Sooner than the next comparison: each has a word of their own.
    for (const client of [here, there, hers, hersThere]) await eventually(async () => client.titles().includes('to both'), COMPARED_SECONDS / 5);
    expect(here.told()).toEqual(there.told());
    expect([here, hers].map((client) => client.told().at(-1).message.notification.id as number).sort()).toEqual(body.notifications.map(({ id }: { id: number }) => id).sort());
    expect(here.told().map(({ message }) => message.unread_count as number)).toEqual([1, 2, 3, 4]);
    expect(hers.told().map(({ message, offset }) => [message.unread_count, offset] as unknown[])).toEqual([[1, 1]]);
  });

  it('is not read again, whatever is heard of it afterwards', async () => {
    const eva = await world.member(admin);
    const [client, hers] = [await listening(), await listening(eva)];
    const member = Number((await streamOf(admin)).id.split(':')[1]);
    const inboxes = world.instance.app.get(InboxRepository);
    const news = inboxes.news.bind(inboxes);
    let read = 0;
    inboxes.news = async (heads, most) => {
      read += heads.filter(({ membershipId }) => membershipId === member).length;
      return news(heads, most);
    };
    for (const title of names(20)) {
      // PostgreSQL's word may outrun the answer to the commit itself; it is sent after it.
      await silenced(world.instance, async () => tell([title]));
      await client.hearsNotification(title);
      await world.instance.app.get(Signals, { strict: false }).announce('kiket_inboxes', [`n:${member}:${client.told().at(-1).offset}`]);
    }
    await tell(['of another'], eva, admin.client.at(`${other.base}/api/v1`));
    await hers.hearsNotification('of another');
    inboxes.news = news;
    expect(client.titles()).toEqual(names(20));
    // Everybody is compared every ten seconds.
    expect(read).toBeLessThanOrEqual(2);
  });

  it('is read where it could not be told, though no word of it comes', async () => {
    const client = await listening();
    const inboxes = world.instance.app.get(InboxRepository);
    const sessions = inboxes.sessionsEndedSince.bind(inboxes);
    inboxes.sessionsEndedSince = async () => {
      inboxes.sessionsEndedSince = sessions;
      return Promise.reject(new Error('out of reach'));
    };
    await silenced(world.instance, async () => tell(['news']));
    await eventually(async () => client.titles().includes('news'), 5);
    expect(client.told().map(({ offset, message }) => [offset, message.unread_count] as unknown[])).toEqual([[1, 1]]);
  });

  it('waits for what came before it from another', async () => {
    const [here, there] = [await listening(), await listening(admin, other.base)];
    await blinded(world.instance, async () => {
      await tell(['theirs'], admin, admin.client.at(`${other.base}/api/v1`));
      await there.hearsNotification('theirs');
      await tell(['ours']);
      await there.hearsNotification('ours');
      await pause(200);
      expect(here.titles()).toEqual([]);
    });
    await here.hearsNotification('ours');
    expect(here.titles()).toEqual(['theirs', 'ours']);
  });

  it('is told in its order and once, several in one delivery too', async () => {
    const client = await listening();
    const { app } = world.instance;
    const member = Number((await streamOf(admin)).id.split(':')[1]);
    const drafts = names(5).map((title) => ({ membershipId: member, type: 'news', title, message: 'It is news.', url: null }));
    await blinded(world.instance, async () => {
      await app.get(Database, { strict: false }).transaction(async () => app.get(Inbox, { strict: false }).deliver(admin.organizationId, drafts));
      await client.hearsNotification('news 5');
    });
    await tell(['news 6']);
    await client.hearsNotification('news 6');
    expect(client.told().map(({ offset, message }) => [offset, message.unread_count, message.notification.title] as unknown[])).toEqual(names(6).map((title, index) => [index + 1, index + 1, title]));
  });

  it.each([['before', true], ['after', false]])('is told in its order and once, where instances hear of two commits the other way round, %s the database is read', async (_, isBlind) => {
    const client = await listening();
    const inbox = world.instance.app.get(Inbox, { strict: false });
    const follower = Reflect.get(inbox, 'follower') as (news: unknown) => void;
    const held: unknown[] = [];
    const reversed = async () => {
      inbox.follow((news) => held.unshift(news));
      await tell(['one', 'two']);
      if (!isBlind) await client.hearsNotification('two');
      inbox.follow(follower);
      for (const news of held) follower(news);
      if (isBlind) await client.hearsNotification('one');
    };
    await (isBlind ? blinded(world.instance, reversed) : reversed());
    await client.hearsNotification('two');
    await tell(['three']);
    await client.hearsNotification('three');
    expect([held.length, client.titles()]).toEqual([2, ['one', 'two', 'three']]);
  });

  it('is not told where it was rolled back', async () => {
    const client = await listening();
    const { app } = world.instance;
    const member = Number((await streamOf(admin)).id.split(':')[1]);
    const draft = { membershipId: member, type: 'news', title: 'never', message: 'It is news.', url: null };
    const failing = app.get(Database, { strict: false }).transaction(async () => {
      await app.get(Inbox, { strict: false }).deliver(admin.organizationId, [draft]);
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    await tell(['next']);
    const { offset } = await client.hearsNotification('next');
    expect([client.titles(), offset]).toEqual([['next'], 1]);
  });
});

describe('more than is read at once', () => {
  it('comes to everybody whom it was for, all of it and in its order', async () => {
    const [eva, jan] = [await world.member(admin), await world.member(admin)];
    const clients = [await listening(), await listening(eva), await listening(jan)];
    const rows = await world.database.sql<{ id: string }>('SELECT id FROM memberships WHERE organization_id = $1 ORDER BY id', [admin.organizationId]);
    const each = Array.from({ length: Math.ceil(MOST_AT_ONCE / 2) + 100 }, (_, index) => index + 1);
    const drafts = rows.flatMap(({ id }) => each.map(() => ({ membershipId: Number(id), type: 'news', title: 'News', message: '', url: null })));
    await other.app.get(Database, { strict: false }).transaction(async () => other.app.get(Inbox, { strict: false }).deliver(admin.organizationId, drafts));
    for (const client of clients) {
      await eventually(async () => client.told().length === each.length);
      expect(client.told().map(({ offset, message }) => [offset, message.unread_count] as number[])).toEqual(each.map((place) => [place, place]));
    }
  });
});

describe('a word that is lost', () => {
  it('is made good for by the next comparison', async () => {
    const client = await listening();
    await silenced(other, async () => tell(names(2), admin, admin.client.at(`${other.base}/api/v1`)));
    await eventually(async () => client.titles().length === 2, COMPARED_SECONDS + 10);
    expect([client.titles(), client.told().map(({ message }) => message.unread_count as number)]).toEqual([names(2), [1, 2]]);
  });

  it('is none where a reading fails: what was heard is read soon after', async () => {
    const client = await listening();
    const inboxes = world.instance.app.get(InboxRepository);
    const news = inboxes.news.bind(inboxes);
    let failures = 0;
    inboxes.news = async (...given) => {
      if (failures === 2) return news(...given);
      failures += 1;
      return Promise.reject(new Error('out of reach'));
    };
    await tell(['news'], admin, admin.client.at(`${other.base}/api/v1`));
    await eventually(async () => client.titles().includes('news'), COMPARED_SECONDS / 2);
    expect(failures).toBe(2);
  });

  it('while an instance could not listen, as soon as it listens again', async () => {
    const client = await listening();
    await world.database.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`);
    await tell(names(2), admin, admin.client.at(`${other.base}/api/v1`));
    await eventually(async () => client.titles().length === 2, COMPARED_SECONDS / 2);
    expect(client.titles()).toEqual(names(2));
  });
});
