import { verdict } from '../members/invitations.js';
import type { Client } from '../support/client.js';
import { type Person, World } from '../support/world.js';
import { meanwhile } from './meanwhile.js';
import { storeIssue } from './rows.js';

let world: World;
let admin: Person;
beforeAll(async () => {
  world = await World.start();
});
beforeEach(async () => {
  admin = await world.register();
});
afterAll(async () => {
  await world.stop();
});

const post = async (key: string | null, client: Client = admin.client) => client.post('/projects', { project: { name: `Of ${key}`, project_key: key } });
const create = async (key: string | null, client: Client = admin.client): Promise<number> => {
  const { status, body } = await post(key, client);
  if (status !== 201) throw new Error(`create: ${status} ${JSON.stringify(body)}`);
  return body.id;
};
const rekey = async (id: number, key: string | null) => admin.client.patch(`/projects/${id}`, { project: { project_key: key } });
const numberTo = async (id: number, last: number) => world.database.sql('UPDATE projects SET last_issue_number = $2 WHERE id = $1', [id, last]);
const lastNumber = async (id: number) => {
  const [row] = await world.database.sql<{ last_issue_number: number }>('SELECT last_issue_number FROM projects WHERE id = $1', [id]);
  return row?.last_issue_number;
};
const retired = async () =>
  world.database.sql('SELECT project_key, last_issue_number FROM retired_project_keys WHERE organization_id = $1 ORDER BY project_key', [admin.organizationId]);
const tally = (answers: readonly { status: number; body: unknown }[]) => answers.map((answer) => verdict(answer as never)).sort();

describe('a key', () => {
  it('names one project of its organization: another that wants it is refused, and changes nothing', async () => {
    await create('CORE');
    const other = await create('SIDE');
    expect(verdict(await post('CORE'))).toBe('409 conflict');
    const before = (await admin.client.get(`/projects/${other}`)).body;
    expect(verdict(await admin.client.patch(`/projects/${other}`, { project: { project_key: 'CORE', name: 'X' } }))).toBe('409 conflict');
    expect((await admin.client.get('/projects/SIDE')).body).toEqual(before);
    expect(await retired()).toEqual([]);
  });

  it('may be the same in every organization, and means each one’s own project', async () => {
    const neighbour = await world.register();
    const abroad = await world.register({ product: 'kiket' });
    const ids = [await create('CORE'), await create('CORE', neighbour.client), await create('CORE', abroad.client)];
    expect(new Set(ids).size).toBe(3);
    for (const [index, { client }] of [admin, neighbour, abroad].entries()) expect((await client.get('/projects/CORE')).body.id).toBe(ids[index]);
  });

  it('may be missing, any number of times', async () => {
    expect(await Promise.all([create(null), create(null)])).toHaveLength(2);
    expect((await admin.client.get('/projects')).body.data.map(({ project_key }: { project_key: null }) => project_key)).toEqual([null, null]);
  });

  it('sent again is no change', async () => {
    const id = await create('CORE');
    expect((await rekey(id, 'CORE')).status).toBe(200);
    expect(await retired()).toEqual([]);
  });

  it('names the project no more once it has another', async () => {
    const id = await create('CORE');
    expect((await rekey(id, 'NEXT')).body.project_key).toBe('NEXT');
    expect(verdict(await admin.client.get('/projects/CORE'))).toBe('404 not_found');
    expect((await admin.client.get('/projects/NEXT')).body.id).toBe(id);
  });
});

describe('at once', () => {
  it('of twenty creations with one key one succeeds, the rest are conflicts', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, async () => post('CORE')));
    expect(tally(answers)).toEqual(['201', ...Array.from({ length: 19 }, () => '409 conflict')]);
    expect((await admin.client.get('/projects')).body.meta.total_count).toBe(1);
  });

  it('twenty creations with a key each all succeed', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, async (_, index) => post(`K${index}`)));
    expect(tally(answers)).toEqual(Array.from({ length: 20 }, () => '201'));
  });

  it('of ten projects that want one key one gets it', async () => {
    const ids = await Promise.all(Array.from({ length: 10 }, async (_, index) => create(`K${index}`)));
    const answers = await Promise.all(ids.map(async (id) => rekey(id, 'CORE')));
    expect(tally(answers)).toEqual(['200', ...Array.from({ length: 9 }, () => '409 conflict')]);
    expect((await retired()).length).toBe(1);
  });

  it('two projects that want each other’s key are both refused, and neither waits for the other', async () => {
    const [one, two] = [await create('ONE'), await create('TWO')];
    for (let round = 0; round < 10; round += 1) {
      expect(tally(await Promise.all([rekey(one, 'TWO'), rekey(two, 'ONE')]))).toEqual(['409 conflict', '409 conflict']);
    }
  });

  it('a key that is being given up is either still taken or free, and its numbers go on', async () => {
    for (let round = 0; round < 5; round += 1) {
      const key = `CORE${round}`;
      const former = await create(key);
      await numberTo(former, 40);
      const [gone, taken] = await Promise.all([admin.client.delete(`/projects/${key}`), post(key)]);
      expect([gone.status, ['201', '409 conflict'].includes(verdict(taken))]).toEqual([204, true]);
      expect(await lastNumber(taken.status === 201 ? taken.body.id : await create(key))).toBe(40);
    }
  });
});

describe('the numbers under a key', () => {
  it('go on after its project was deleted', async () => {
    await numberTo(await create('CORE'), 7);
    await admin.client.delete('/projects/CORE');
    expect(await retired()).toEqual([{ project_key: 'CORE', last_issue_number: 7 }]);
    expect(await lastNumber(await create('CORE'))).toBe(7);
  });

  it('go on after its project took another key or none, whoever takes it up', async () => {
    const [one, two, fresh] = [await create('ONE'), await create('TWO'), await create('NEW')];
    await numberTo(one, 7);
    await numberTo(two, 9);
    await rekey(one, null);
    await rekey(two, 'FOUR');
    expect(await retired()).toEqual([{ project_key: 'ONE', last_issue_number: 7 }, { project_key: 'TWO', last_issue_number: 9 }]);
    await rekey(fresh, 'ONE');
    expect(await lastNumber(fresh)).toBe(7);
    await rekey(fresh, 'TWO');
    expect(await lastNumber(fresh)).toBe(9);
  });

  it('never fall below the project’s own', async () => {
    await numberTo(await create('CORE'), 3);
    await admin.client.delete('/projects/CORE');
    const id = await create('SIDE');
    await numberTo(id, 12);
    await rekey(id, 'CORE');
    expect(await lastNumber(id)).toBe(12);
  });

  it('are remembered by the greatest that was ever given', async () => {
    await numberTo(await create('CORE'), 9);
    await admin.client.delete('/projects/CORE');
    await numberTo(await create('CORE'), 1);
    await admin.client.delete('/projects/CORE');
    expect(await lastNumber(await create('CORE'))).toBe(9);
  });

  it('are no other organization’s', async () => {
    await numberTo(await create('CORE'), 7);
    await admin.client.delete('/projects/CORE');
    const neighbour = await world.register();
    expect(await lastNumber(await create('CORE', neighbour.client))).toBe(0);
  });

  it('count those that an issue is taking just now', async () => {
    const id = await create('CORE');
    await numberTo(id, 7);
    const taken: [string, unknown[]] = ['UPDATE projects SET last_issue_number = last_issue_number + 1 WHERE id = $1', [id]];
    expect((await meanwhile(world, [taken], async () => admin.client.delete('/projects/CORE'))).status).toBe(204);
    expect(await lastNumber(await create('CORE'))).toBe(8);
  });
});

const commented = (issueId: number): [string, unknown[]] => [
  `INSERT INTO comments (organization_id, issue_id, author_id, body, created_at, updated_at) VALUES ($1, $2, $3, 'x', now(), now())`,
  [admin.organizationId, issueId, admin.id],
];

it('a deleted project takes its issues and their comments with it, and nobody else’s', async () => {
  const [gone, kept] = [await create('GONE'), await create('KEPT')];
  for (const projectId of [gone, kept]) await world.database.sql(...commented(await storeIssue(world, { projectId, number: 1 })));
  expect((await admin.client.delete('/projects/GONE')).status).toBe(204);
  const left = await world.database.sql(
    `SELECT i.project_id::int, count(c.id)::int AS comments FROM issues i LEFT JOIN comments c ON c.issue_id = i.id WHERE i.organization_id = $1 GROUP BY 1`,
    [admin.organizationId],
  );
  expect(left).toEqual([{ project_id: kept, comments: 1 }]);
  expect(await world.database.sql('SELECT id::int FROM comments WHERE organization_id = $1', [admin.organizationId])).toHaveLength(1);
});

it('whoever comments while the project is being deleted neither waits for it nor is waited for in a circle', async () => {
  const issueId = await storeIssue(world, { projectId: await create('CORE'), number: 1 });
  const held: [string, unknown[]] = ['SELECT 1 FROM issues WHERE id = $1 FOR UPDATE', [issueId]];
  expect((await meanwhile(world, [held], async () => admin.client.delete('/projects/CORE'), [commented(issueId)])).status).toBe(204);
  expect(await world.database.sql('SELECT 1 FROM comments WHERE issue_id = $1', [issueId])).toEqual([]);
});
