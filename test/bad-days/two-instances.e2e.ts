import { ServiceProcess } from '../support/process.js';
import { type Person, World } from '../support/world.js';

jest.setTimeout(180_000);

/** By hand: 10,000. */
const TRIES = 1_000;
const AT_ONCE = 8;

let world: World;
let services: ServiceProcess[];
beforeAll(async () => {
  world = await World.start();
  services = await Promise.all([ServiceProcess.start(world.env), ServiceProcess.start(world.env)]);
});
afterAll(async () => {
  await ServiceProcess.killAll();
  await world.stop();
});

/** A session more of the same person, without the cost of a password. */
async function anotherSession({ client, organizationId }: Person): Promise<Person> {
  const answer = await client.post('/auth/switch_org', { organization_id: organizationId });
  if (answer.status !== 200) throw new Error(`switch_org: ${answer.status} ${JSON.stringify(answer.body)}`);
  return world.person(answer.body);
}

it(`a logout at one of two services is seen by the other on the very next request, ${TRIES} times`, async () => {
  let tries = 0;
  const lane = async (): Promise<void> => {
    const person = await world.register();
    while (tries < TRIES) {
      tries += 1;
      const session = await anotherSession(person);
      const [one, other] = (tries % 2 === 0 ? services : services.toReversed()).map(({ base }) => session.client.at(`${base}/api/v1`));
      expect((await other?.get('/auth/me'))?.status).toBe(200);
      expect((await one?.post('/auth/logout'))?.status).toBe(204);
      const { status, body } = (await other?.get('/auth/me')) ?? {};
      expect([status, body.error]).toEqual([401, 'token_revoked']);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
});
