import { eventually } from '../audit/trail.js';
import { WRITES_WAIT } from '../audit/waiting.js';
import { type Person, World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await world.stop();
});

const refresh = (token: string, base = world.instance.base) => world.stranger.at(base).post('/api/v1/auth/refresh', { refresh_token: token });

describe('a refresh on several instances', () => {
  it('has one successor, whichever instance is asked, and also one that started later', async () => {
    const other = await world.anotherInstance();
    const { refreshToken } = await world.register();
    const bases = [world.instance.base, other.base];
    // A start takes longer at times than the ten seconds in which a repetition is let pass.
    const answers = await world.clock.standing(async () => {
      const first = await Promise.all(Array.from({ length: 20 }, (_, index) => refresh(refreshToken, bases[index % 2])));
      const late = await world.anotherInstance();
      return [...first, await refresh(refreshToken, late.base)];
    });
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1);
  });

  it('ends on all of them when a stolen token comes to one', async () => {
    const other = await world.anotherInstance();
    const person = await world.register();
    await refresh(person.refreshToken, other.base);
    world.clock.advance({ seconds: 11 });
    expect((await refresh(person.refreshToken)).body.error).toBe('token_revoked');
    expect((await person.client.at(`${other.base}/api/v1`).get('/auth/me')).body.error).toBe('token_revoked');
  });
});

describe('a refresh while the database fails', () => {
  it('is 503 where it cannot be asked, and revokes nothing', async () => {
    const person = await world.register();
    await world.database.outage(async () => {
      const { status, body } = await refresh(person.refreshToken);
      expect([status, body.error]).toEqual([503, 'unavailable']);
    });
    await unharmed(person);
  });

  it('is 503 where the connection breaks between consuming and issuing, and consumes nothing', async () => {
    const person = await world.register();
    // Its audit entry cannot be written, so that it waits with the token consumed and nothing committed.
    await world.database.sql('BEGIN');
    await world.database.sql('LOCK TABLE audit_entries IN SHARE MODE');
    const refreshing = refresh(person.refreshToken);
    await until(WRITES_WAIT);
    await world.database.outage(async () => {
      expect((await refreshing).status).toBe(503);
    });
    await world.database.sql('ROLLBACK');
    await unharmed(person);
  });

  async function until(happened: string): Promise<void> {
    while ((await world.database.sql(happened)).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  async function unharmed(person: Person): Promise<void> {
    let answer = await refresh(person.refreshToken);
    await eventually(async () => answer.status !== 503 || (answer = await refresh(person.refreshToken)).status !== 503);
    expect(answer.status).toBe(200);
    expect((await person.client.get('/auth/me')).status).toBe(200);
  }
});
