import { Door } from '../support/door.js';
import { tokenIn } from '../support/mailbox.js';
import { World } from '../support/world.js';

const door = new Door();
let world: World;
beforeAll(async () => {
  await door.open(() => Number(new URL(world.mailbox.url).port));
  world = await World.start({ env: { SMTP_URL: `smtp://127.0.0.1:${door.port}` } });
});
afterAll(async () => {
  await world.stop();
  await door.shut();
});

it('a reset asked for while the mail server is down is answered 202, and its mail comes when it is back', async () => {
  const { email } = await world.register();
  await door.shut();
  const { status, body } = await world.visitor.post('/auth/forgot_password', { email });
  expect([status, body]).toEqual([202, { status: 'accepted' }]);
  await untilTried();
  expect(world.mailbox.count(email)).toBe(0);
  await door.open(() => Number(new URL(world.mailbox.url).port));
  const mail = await world.mailbox.reset(email);
  expect((await world.visitor.put('/auth/reset_password', { token: tokenIn(mail), password: 'NewPass456!' })).status).toBe(200);
  expect(world.mailbox.received.filter(({ messageId }) => messageId === mail.messageId)).toHaveLength(1);
});

/** Until a first try has failed. */
async function untilTried(): Promise<void> {
  for (;;) {
    if ((await world.database.sql(`SELECT 1 FROM jobs.job WHERE name = 'mail' AND state = 'retry'`)).length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
