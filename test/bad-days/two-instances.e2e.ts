import { type Instance, World } from '../support/world.js';

const TRIES = 200;

let world: World;
let other: Instance;
beforeAll(async () => {
  world = await World.start();
  other = await world.anotherInstance();
});
afterAll(async () => {
  await world.stop();
});

it('a logout on one of two instances is seen by the other on the very next request, every time', async () => {
  const { email } = await world.register();
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const { client } = await world.login(email);
    const elsewhere = client.at(`${other.base}/api/v1`);
    expect((await elsewhere.get('/auth/me')).status).toBe(200);
    expect((await client.post('/auth/logout')).status).toBe(204);
    const answer = await elsewhere.get('/auth/me');
    expect([answer.status, answer.body.error]).toEqual([401, 'token_revoked']);
  }
});
