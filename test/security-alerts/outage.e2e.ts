import { Traffic } from '#access';
import { JobClock } from '../jobs/job-clock.js';
import { Door } from '../support/door.js';
import { type Instance, World } from '../support/world.js';
import { SlackStandIn } from './slack.js';
import { alertMails, alertOf, alerts, eventually, watched } from './watched.js';

jest.setTimeout(120_000);

const door = new Door();
const mailServer = () => Number(new URL(world.mailbox.url).port);
let world: World;
let slack: SlackStandIn;
let second: Instance | undefined;
beforeAll(async () => {
  slack = await SlackStandIn.open();
  await door.open(mailServer);
  world = await World.start({ env: { ALERTS_ALLOW_HTTP: '1', SMTP_URL: `smtp://127.0.0.1:${door.port}` } });
});
afterAll(async () => {
  await world.stop();
  await door.shut();
  await slack.close();
});

it.each([['ten minutes', 600, 7], ['a day', 24 * 60 * 60, 30]])('an outage of Slack and the mail server for %s loses no alert, and tells none twice', async (_, seconds, fewestTries) => {
  const admin = await watched(world, slack);
  const jobClock = new JobClock(world, ['mail', 'slack']);
  const tokens = [];
  for (let index = 0; index < 3; index += 1) tokens.push(await world.token(admin, { name: `Token ${index}` }));
  for (const { id } of tokens) await admin.client.delete(`/workspace_api_tokens/${id}`);
  await door.shut();
  slack.answer = { status: 503 };
  const before = slack.calls;
  for (const { client } of tokens) await client.get('/me');
  await eventually('the alerts', async () => ((await alerts(admin)).length === 3 ? true : undefined));
  // The same again meanwhile is counted, and queues nothing.
  for (const { client } of tokens) await client.get('/me');
  await eventually('the count', async () => ((await alerts(admin)).every(({ count }) => count === 2) ? true : undefined));
  for (let passed = 0; passed < seconds; ) passed += await jobClock.nextTry();
  const told = () => slack.received.filter(({ path }) => path === admin.channel).map(({ text }) => /Token \d/.exec(text)?.[0]);
  expect([alertMails(world, admin.email), told()]).toEqual([[], []]);
  expect(slack.calls - before).toBeGreaterThanOrEqual(3 * fewestTries);

  await door.open(mailServer);
  slack.answer = { status: 200 };
  await jobClock.nextTry();
  expect(await world.database.sql(`SELECT 1 FROM jobs.job WHERE name IN ('mail', 'slack')`)).toEqual([]);
  expect(new Set(alertMails(world, admin.email).map(({ messageId }) => messageId)).size).toBe(3);
  expect(alertMails(world, admin.email)).toHaveLength(3);
  expect(told().sort()).toEqual(['Token 0', 'Token 1', 'Token 2']);
});

it('a Slack that never answers keeps no mail and no request waiting', async () => {
  const admin = await watched(world, slack);
  slack.answer = null;
  const token = await world.token(admin, { name: 'Hanging' });
  await admin.client.delete(`/workspace_api_tokens/${token.id}`);
  const before = slack.calls;
  await token.client.get('/me');
  await eventually('a call', async () => (slack.calls > before ? true : undefined));
  const since = Date.now();
  expect((await admin.client.get('/security_alerts')).status).toBe(200);
  await world.mailbox.to(admin.email, ({ subject }) => subject?.includes('zrušený přístup') === true);
  // Slack is waited for ten seconds.
  expect(Date.now() - since).toBeLessThan(8_000);
  slack.answer = { status: 200 };
  await slack.message(({ path }) => path === admin.channel, 40);
});

it('who has two instances is told once', async () => {
  const admin = await watched(world, slack);
  second ??= await world.anotherInstance();
  const token = await world.token(admin, { name: 'Twice' });
  await admin.client.delete(`/workspace_api_tokens/${token.id}`);
  await Promise.all([token.client.get('/me'), token.client.at(`${second.base}/api/v1`).get('/me')]);
  await alertOf(admin, 'revoked_credential_used', ({ count }) => count === 2);
  await slack.message(({ path }) => path === admin.channel);
  await eventually('the mail', async () => (alertMails(world, admin.email).length > 0 ? true : undefined));
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect([alertMails(world, admin.email).length, slack.received.filter(({ path }) => path === admin.channel).length, (await alerts(admin)).length]).toEqual([1, 1, 1]);
});

it('what two instances see at the very same moment is one alert that counts both', async () => {
  const admin = await watched(world, slack);
  second ??= await world.anotherInstance();
  const token = await world.token(admin, { name: 'At once' });
  await admin.client.delete(`/workspace_api_tokens/${token.id}`);
  const instances = [world.instance, second];
  const sql = async (text: string) => world.database.sql(text);
  await sql('BEGIN');
  // Both may look whether it was told, and neither can tell it yet.
  await sql('LOCK TABLE security_alerts IN SHARE MODE');
  for (const { base } of instances) await token.client.at(`${base}/api/v1`).get('/me');
  const judged = Promise.all(instances.map(async ({ app }) => app.get(Traffic).flush()));
  await eventually('both', async () => ((await sql('SELECT DISTINCT pid FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())')).length === 2 ? true : undefined));
  await sql('COMMIT');
  await judged;
  expect((await alerts(admin)).map(({ type, count }) => [type, count])).toEqual([['revoked_credential_used', 2]]);
});
