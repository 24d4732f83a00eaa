import { Feed, type FeedEntry, Sealer } from '#audit';
import { InboxRepository } from '../../apps/api/src/notifications/index.js';
import { DueDates } from '../../apps/api/src/workspace/index.js';
import { eventually } from '../audit/trail.js';
import { installed } from '../extensions/installation.js';
import { endRounds } from '../jobs/no-rounds.js';
import { accessToken, application } from '../oauth/application.js';
import { type Instance, type Person, World } from '../support/world.js';
import { openIssue, startProject } from '../workspace/desk.js';

let world: World;
let other: Instance;
let admin: Person;
let eva: Person;
let jan: Person;
let project: { id: number };
let issue: { id: number; key: string };
beforeAll(async () => {
  world = await World.start();
  other = await world.anotherInstance();
  await endRounds(world.instance, other);
  admin = await world.register({ name: 'Avery' });
  eva = await world.member(admin);
  jan = await world.member(admin);
  for (const { client } of [admin, eva, jan]) await client.put('/auth/me', { locale: 'en' });
});
afterAll(async () => {
  await world.stop();
});
beforeEach(async () => {
  project = await startProject(admin.client);
  issue = await openIssue(admin.client, project);
});

const HOUR_MS = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();
const scan = async ({ app }: Instance = world.instance) => app.get(DueDates).scan();

/** Everything that has happened is sealed, and whoever reads of it has. */
async function toldAll({ app }: Instance = world.instance): Promise<void> {
  await app.get(Sealer).seal();
  await app.get(Feed).deliver();
}

interface Told {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly message: string;
  readonly url: string | null;
}

/** What somebody has been told since they looked last, oldest first. */
async function news({ client }: Person): Promise<Told[]> {
  await toldAll();
  const { data } = (await client.get('/notifications?unread=true&per_page=100')).body;
  await client.post('/notifications/read_all');
  return data.toReversed();
}

/** Of what kind each of them is told by an act, after all that was before. */
async function kindsAfter(act: () => Promise<unknown>, people: readonly Person[] = [admin, eva, jan]): Promise<string[][]> {
  for (const person of people) await news(person);
  await act();
  const told = [];
  for (const person of people) told.push((await news(person)).map(({ type }) => type));
  return told;
}

const change = async (fields: object, { client }: Pick<Person, 'client'> = admin) => {
  const answer = await client.patch(`/issues/${issue.id}`, { issue: fields });
  if (answer.status !== 200) throw new Error(`change: ${answer.status} ${JSON.stringify(answer.body)}`);
};
const comment = async (body: string, { client }: Pick<Person, 'client'> = admin) => (await client.post(`/issues/${issue.id}/comments`, { comment: { body } })).body;
const move = async (state: string, { client }: Pick<Person, 'client'> = admin) => client.post(`/issues/${issue.id}/transition`, { transition: { state } });

describe('an assignment', () => {
  it('is told to whom the issue is given', async () => {
    expect(await kindsAfter(async () => change({ assignee_id: eva.id }))).toEqual([[], ['assignment'], []]);
    expect(await kindsAfter(async () => openIssue(admin.client, project, { assignee_id: jan.id }))).toEqual([[], [], ['assignment']]);
  });

  it('says who gave what, and leads there', async () => {
    await news(eva);
    await change({ assignee_id: eva.id });
    expect(await news(eva)).toEqual([
      { id: expect.any(Number), type: 'assignment', title: 'Assigned to you', message: `Avery assigned ${issue.key} “Access request” to you.`, url: `/issues/${issue.id}`, read_at: null, created_at: expect.any(String) },
    ]);
  });

  it('is not told to who takes it, nor again where nothing changed, nor of one taken away', async () => {
    expect(await kindsAfter(async () => change({ assignee_id: eva.id }, eva))).toEqual([[], [], []]);
    expect(await kindsAfter(async () => change({ assignee_id: eva.id }))).toEqual([[], [], []]);
    expect(await kindsAfter(async () => change({ assignee_id: null }))).toEqual([[], [], []]);
    expect(await kindsAfter(async () => change({ title: 'Renamed', priority: 'high' }))).toEqual([[], [], []]);
  });

  it('that was undone with the request is none', async () => {
    const answer = { status: 0 };
    expect(await kindsAfter(async () => {
      answer.status = (await admin.client.patch(`/issues/${issue.id}`, { issue: { assignee_id: eva.id, status: 'done' } })).status;
    })).toEqual([[], [], []]);
    expect(answer.status).toBe(422);
  });
});

describe('a comment', () => {
  it('is told to the issue’s reporter, its assignee and whoever commented before, once each, and not to its author', async () => {
    await change({ assignee_id: eva.id });
    expect(await kindsAfter(async () => comment('First', eva))).toEqual([['new_comment'], [], []]);
    expect(await kindsAfter(async () => comment('Second', jan))).toEqual([['new_comment'], ['new_comment'], []]);
    expect(await kindsAfter(async () => comment('Third'))).toEqual([[], ['new_comment'], ['new_comment']]);
    const bystander = await world.member(admin);
    expect(await kindsAfter(async () => comment('Fourth'), [bystander])).toEqual([[]]);
  });

  it('says who said what', async () => {
    await news(admin);
    await comment('  Line one\n\n  line two ', eva);
    expect(await news(admin)).toMatchObject([{ type: 'new_comment', title: 'New comment', message: `Eva Malá commented on ${issue.key}: Line one line two`, url: `/issues/${issue.id}` }]);
  });

  it('is cut where it is long, between letters', async () => {
    await news(admin);
    await comment('😀'.repeat(200), eva);
    expect((await news(admin))[0]?.message).toBe(`Eva Malá commented on ${issue.key}: ${'😀'.repeat(139)}…`);
    await comment('x'.repeat(140), eva);
    expect((await news(admin))[0]?.message).toBe(`Eva Malá commented on ${issue.key}: ${'x'.repeat(140)}`);
  });

  it('is a text like any other', async () => {
    await news(admin);
    await comment('{name} {{7*7}} $t(notifications.assignment.title) <b>$&</b>', eva);
    expect((await news(admin))[0]?.message).toBe(`Eva Malá commented on ${issue.key}: {name} {{7*7}} $t(notifications.assignment.title) <b>$&</b>`);
  });

  it('edited is no news', async () => {
    const { id } = await comment('First', eva);
    expect(await kindsAfter(async () => eva.client.patch(`/issues/${issue.id}/comments/${id}`, { comment: { body: 'Edited' } }))).toEqual([[], [], []]);
  });
});

describe('a transition', () => {
  it('is told to the reporter and the assignee, and not to who moved it, by either way', async () => {
    await change({ assignee_id: eva.id });
    expect(await kindsAfter(async () => move('in_progress', jan))).toEqual([['workflow_transition'], ['workflow_transition'], []]);
    expect(await kindsAfter(async () => change({ status: 'in_review' }))).toEqual([[], ['workflow_transition'], []]);
    expect(await kindsAfter(async () => move('done', eva))).toEqual([['workflow_transition'], [], []]);
  });

  it('says from where to where', async () => {
    await news(admin);
    await move('in_progress', eva);
    expect(await news(admin)).toMatchObject([{ title: `${issue.key} moved`, message: `Eva Malá moved ${issue.key} “Access request” from Backlog to In progress.` }]);
  });

  it('that was refused is none', async () => {
    expect(await kindsAfter(async () => move('done', eva))).toEqual([[], [], []]);
    expect(await kindsAfter(async () => change({ status: 'backlog' }, eva))).toEqual([[], [], []]);
  });
});

describe('a due date', () => {
  it('within a day is told to the assignee, else to the reporter, and once', async () => {
    await change({ due_at: inHours(23) });
    expect(await kindsAfter(scan)).toEqual([['sla_warning'], [], []]);
    expect(await kindsAfter(scan)).toEqual([[], [], []]);
    const taken = await openIssue(admin.client, project, { assignee_id: eva.id, due_at: inHours(2) });
    await toldAll();
    expect(await kindsAfter(scan)).toEqual([[], ['sla_warning'], []]);
    expect(taken.due_at).not.toBeNull();
  });

  it('says when, and of what', async () => {
    const due = inHours(5);
    await change({ due_at: due });
    await news(admin);
    await scan();
    const when = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }).format(new Date(due));
    expect(await news(admin)).toMatchObject([{ type: 'sla_warning', title: 'SLA Warning', message: `${issue.key} “Access request” is due ${when}.`, url: `/issues/${issue.id}` }]);
  });

  it.each([['later than that', 25], ['already past', -1]])('that is %s is not', async (_, hours) => {
    await change({ due_at: inHours(hours) });
    expect(await kindsAfter(scan)).toEqual([[], [], []]);
  });

  it('that comes nearer is told then', async () => {
    await change({ due_at: inHours(30) });
    expect(await kindsAfter(scan)).toEqual([[], [], []]);
    await world.database.sql(`UPDATE issues SET due_at = due_at - interval '10 hours' WHERE id = $1`, [issue.id]);
    expect(await kindsAfter(scan)).toEqual([['sla_warning'], [], []]);
  });

  it('that was changed is told again, and one that was changed back too', async () => {
    const [first, second] = [inHours(5), inHours(6)];
    for (const due of [first, second, first]) {
      await change({ due_at: due });
      expect(await kindsAfter(scan)).toEqual([['sla_warning'], [], []]);
    }
    await change({ title: 'Renamed' });
    expect(await kindsAfter(scan)).toEqual([[], [], []]);
  });

  it.each([['done', ['in_progress', 'in_review', 'done']], ['cancelled', ['cancelled']]])('of what is %s is not', async (_, states) => {
    await change({ due_at: inHours(5) });
    for (const state of states) await move(state);
    expect(await kindsAfter(scan)).toEqual([[], [], []]);
  });

  it('is told once by two instances that look at the same time, of many issues', async () => {
    const count = 30;
    for (let turn = 0; turn < count; turn += 1) await openIssue(admin.client, project, { due_at: inHours(3 + turn / 10) });
    const [told] = await kindsAfter(async () => Promise.all([scan(), scan(other), scan(), scan(other)]));
    expect(told).toEqual(Array.from({ length: count }, () => 'sla_warning'));
  });
});

describe('in the reader’s language', () => {
  it.each([
    ['cs', ['Přiřazeno vám', 'Úkol {key} se posunul', 'Nový komentář', 'Upozornění na termín'], ['byl přiřazen (Avery)', 'Zásobník do stavu Probíhá', 'Nový komentář k úkolu {key} (Avery): Ahoj', 'Termín úkolu {key}']],
    ['de', ['Ihnen zugewiesen', '{key} wurde verschoben', 'Neuer Kommentar', 'SLA-Warnung'], ['Avery hat Ihnen', 'von Backlog nach In Arbeit verschoben', 'Avery hat {key} kommentiert: Ahoj', 'fällig']],
    ['en', ['Assigned to you', '{key} moved', 'New comment', 'SLA Warning'], ['Avery assigned', 'from Backlog to In progress', 'Avery commented on {key}: Ahoj', 'is due']],
  ])('each is told: %s', async (locale, titles, messages) => {
    const reader = await world.member(admin);
    await reader.client.put('/auth/me', { locale });
    const asker = { client: admin.client.with({ 'accept-language': 'en' }) };
    await change({ assignee_id: reader.id, due_at: inHours(4) }, asker);
    await move('in_progress', asker);
    await comment('Ahoj', asker);
    await toldAll();
    await scan();
    const told = await news(reader);
    const named = (text: string) => text.replace('{key}', issue.key);
    expect(told.map(({ title }) => title)).toEqual(titles.map(named));
    told.forEach(({ message }, index) => expect(message).toContain(named(messages[index] ?? '')));
    await admin.client.delete(`/users/${reader.id}`);
  });
});

describe('nobody is told', () => {
  it('who has left, or is disabled, or looks on from another organization', async () => {
    const gone = await world.member(admin);
    const disabled = await world.member(admin);
    const stranger = await world.register();
    await change({ assignee_id: gone.id });
    await comment('Mine', disabled);
    await toldAll();
    await admin.client.delete(`/users/${gone.id}`);
    await world.database.sql('UPDATE users SET disabled_at = now() WHERE id = $1', [disabled.id]);
    const [before] = await world.database.sql<{ count: number }>('SELECT count(*)::int AS count FROM notifications');
    await comment('Second', admin);
    await move('in_progress');
    await toldAll();
    expect(await world.database.sql('SELECT count(*)::int AS count FROM notifications')).toEqual([before]);
    expect(await news(stranger)).toEqual([]);
    await admin.client.delete(`/users/${disabled.id}`);
  });

  it('of what machines do to themselves, while people are told of what machines do', async () => {
    const machine = await accessToken(world, await application(admin, { name: 'Robot', scopes: ['issues', 'comments', 'projects'] }));
    const extension = await installed(world, admin, project.id);
    for (const client of [machine.client, extension.client]) {
      issue = await openIssue(client, project, { title: 'By a machine', due_at: inHours(4) });
      const [before] = await world.database.sql<{ count: number }>('SELECT count(*)::int AS count FROM inboxes');
      // Its reporter is no member: nobody is to hear of it.
      expect(await kindsAfter(async () => { await comment('First', eva); await scan(); })).toEqual([[], [], []]);
      expect(await kindsAfter(async () => comment('Second', { client }))).toEqual([[], ['new_comment'], []]);
      expect(await kindsAfter(async () => change({ assignee_id: jan.id }, { client }))).toEqual([[], [], ['assignment']]);
      const [after] = await world.database.sql<{ count: number }>('SELECT count(*)::int AS count FROM inboxes i JOIN memberships m ON m.id = i.membership_id JOIN users u ON u.id = m.user_id WHERE u.is_service');
      expect([after?.count, (before?.count ?? 0) > 0]).toEqual([0, true]);
    }
  });

  it('through a token is told of what its owner did by it', async () => {
    const { client } = await world.token(admin, { scopes: ['issues', 'comments'] });
    expect(await kindsAfter(async () => { await change({ assignee_id: admin.id }, { client }); await comment('By a token', { client }); })).toEqual([[], [], []]);
  });

  it('of an issue that was deleted, or a comment that was, before it was told', async () => {
    for (const { client } of [admin, eva, jan]) await client.post('/notifications/read_all');
    await news(admin);
    const quietly = async (acts: () => Promise<unknown>) => {
      // Both instances look by themselves; what is locked waits for us.
      await world.database.sql('BEGIN');
      await world.database.sql(`INSERT INTO audit_feed_readers (name) VALUES ('notifications') ON CONFLICT DO NOTHING`);
      await world.database.sql(`SELECT FROM audit_feed_readers WHERE name = 'notifications' FOR UPDATE`);
      try {
        await acts();
      } finally {
        await world.database.sql('COMMIT');
      }
    };
    await quietly(async () => {
      const { id } = await comment('Gone', eva);
      await eva.client.delete(`/issues/${issue.id}/comments/${id}`);
    });
    expect(await news(admin)).toEqual([]);
    await quietly(async () => {
      await change({ assignee_id: eva.id, due_at: inHours(4) });
      await move('in_progress', jan);
      await scan();
      await admin.client.delete(`/issues/${issue.id}`);
    });
    expect([await news(admin), await news(eva), await news(jan)]).toEqual([[], [], []]);
    // And it holds up nothing that comes after.
    issue = await openIssue(admin.client, project);
    expect(await kindsAfter(async () => comment('Next', eva))).toEqual([['new_comment'], [], []]);
  });
});

describe('each is told once', () => {
  it('while two instances tell at the same time, and in the order in which it happened', async () => {
    for (const person of [admin, eva]) await news(person);
    for (let turn = 1; turn <= 20; turn += 1) {
      await comment(`Comment ${turn}`, eva);
      if (turn % 5 === 0) await Promise.all([toldAll(), toldAll(other), toldAll(), toldAll(other)]);
    }
    expect((await news(admin)).map(({ message }) => message)).toEqual(Array.from({ length: 20 }, (_, index) => `Eva Malá commented on ${issue.key}: Comment ${index + 1}`));
  });

  it('where a telling failed halfway, and another reader fails all the time', async () => {
    await news(admin);
    const illness = { left: 3, seen: 0 };
    other.app.get(Feed).register({
      name: `ill-${issue.id}`,
      read: async (entries: readonly FeedEntry[]) => {
        illness.seen += entries.length;
        throw new Error('the reader is ill');
      },
    });
    await world.database.sql(`
      CREATE FUNCTION fail_thrice() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.message LIKE '%Comment 3' AND nextval('failures') <= 3 THEN RAISE EXCEPTION 'the disk is full'; END IF;
        RETURN NEW;
      END $$`);
    await world.database.sql('CREATE SEQUENCE failures');
    await world.database.sql('CREATE TRIGGER fails BEFORE INSERT ON notifications FOR EACH ROW EXECUTE FUNCTION fail_thrice()');
    try {
      for (let turn = 1; turn <= 5; turn += 1) await comment(`Comment ${turn}`, eva);
      for (let turn = 0; turn < 5; turn += 1) await Promise.all([toldAll(), toldAll(other)]);
      const [{ last } = { last: 0 }] = await world.database.sql<{ last: number }>('SELECT last_value::int AS last FROM failures');
      expect(last).toBeGreaterThan(illness.left);
      expect(illness.seen).toBeGreaterThan(0);
      expect((await news(admin)).map(({ message }) => message.slice(-9))).toEqual([1, 2, 3, 4, 5].map((turn) => `Comment ${turn}`));
    } finally {
      await world.database.sql('DROP TRIGGER fails ON notifications');
      await world.database.sql('DROP SEQUENCE failures');
      await world.database.sql('DROP FUNCTION fail_thrice');
    }
  });

  it('and holds up nobody who writes to the same members meanwhile, in the order of happening too', async () => {
    for (const person of [admin, eva]) await news(person);
    await change({ assignee_id: eva.id });
    await comment('Next', jan);
    await comment('Last', jan);
    const original = InboxRepository.prototype.deliver;
    const deliver = jest.spyOn(InboxRepository.prototype, 'deliver');
    const sent: Promise<{ status: number }>[] = [];
    deliver.mockImplementation(async function held(this: InboxRepository, ...given) {
      const delivered = await original.apply(this, given);
      if (sent.length > 0) return delivered;
      sent.push(admin.client.at(`${other.base}/api/v1`).post('/notifications', { notification: { user_ids: [admin.id, eva.id], type: 'news', title: 'Sent', message: 'Meanwhile.' } }));
      await eventually(async () => (await world.database.sql(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)).length > 0);
      return delivered;
    });
    try {
      await toldAll();
      expect((await sent[0])?.status).toBe(201);
    } finally {
      deliver.mockRestore();
    }
    expect((await news(admin)).map(({ type }) => type)).toEqual(['new_comment', 'new_comment', 'news']);
    expect((await news(eva)).map(({ type }) => type)).toEqual(['assignment', 'new_comment', 'new_comment', 'news']);
  });
});
