import { ServiceProcess } from '../support/process.js';
import { type Person, World } from '../support/world.js';

jest.setTimeout(240_000);

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await ServiceProcess.killAll();
  await world.stop();
});

/** A process whose own clock is wrong by so many hours, from its first line on. */
async function skewed(hours: number): Promise<ServiceProcess> {
  const program = `
    const { Date: Right } = globalThis;
    const wrong = () => Right.now() + ${hours} * 3_600_000;
    globalThis.Date = class extends Right {
      constructor(...given) { if (given.length === 0) super(wrong()); else super(...given); }
      static now() { return wrong(); }
    };`;
  return ServiceProcess.start({ ...world.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(program)}` });
}

/** Somebody whose access token was issued so many minutes ago. */
async function signedIn(minutesAgo: number): Promise<Person> {
  world.clock.advance({ minutes: -minutesAgo });
  try {
    return await world.register();
  } finally {
    world.clock.advance({ minutes: minutesAgo });
  }
}

describe.each([2, -2])('a service whose clock is off by %d hours', (hours) => {
  let service: ServiceProcess;
  beforeAll(async () => {
    service = await skewed(hours);
  });
  afterAll(async () => {
    await service.kill();
  });

  it("ends tokens by the database's time", async () => {
    const [fresh, old] = [await signedIn(58), await signedIn(61)];
    const verdicts = [];
    for (const { client } of [fresh, old]) verdicts.push((await client.at(`${service.base}/api/v1`).get('/auth/me')).body.error);
    expect(verdicts).toEqual([undefined, 'token_expired']);
  });

  it("tells of a workspace token by the database's time whether it has expired, and when it was used last", async () => {
    const person = await world.register();
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    const { id, client } = await world.token(person, { expires_at: inAnHour });
    const base = `${service.base}/api/v1`;
    const used = Date.now();
    expect((await client.at(base).get('/issues')).status).toBe(200);
    expect((await person.client.at(base).get('/workspace_api_tokens?status=active')).body.data).toEqual([expect.objectContaining({ id, status: 'active' })]);
    service.signal('SIGTERM');
    await service.exited;
    const { body } = await person.client.get(`/workspace_api_tokens/${id}`);
    expect(Math.abs(Date.parse(body.last_used_at) - used)).toBeLessThan(10_000);
  });
});
