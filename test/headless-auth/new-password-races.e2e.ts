import { WRITES_WAIT } from '../audit/waiting.js';
import type { Answer } from '../support/client.js';
import { tokenIn } from '../support/mailbox.js';
import { PASSWORD, type Person, World } from '../support/world.js';

const NEW_PASSWORD = 'NewPass456!';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await world.stop();
});

const told = ({ status, body }: Answer) => [status, body.error];
const pause = () => new Promise((resolve) => setTimeout(resolve, 20));

/** What somebody who knew the old password has under way while its owner resets it. */
const acts: [string, (person: Person) => Promise<Answer>][] = [
  ['a login', ({ email }) => world.visitor.post('/auth/login', { email, password: PASSWORD })],
  [
    'a choice of the organization by credentials',
    ({ email, organizationId }) => world.visitor.post('/auth/login/select_org', { organization_id: organizationId, email, password: PASSWORD }),
  ],
  ['a registration', ({ email }) => world.visitor.post('/auth/register', { email, password: PASSWORD, name: 'Jan', organization_name: 'Další' })],
  ['a switch', ({ client, organizationId }) => client.post('/auth/switch_org', { organization_id: organizationId })],
];
const newPassword: (typeof acts)[number] = ['another new password', ({ client }) => client.put('/auth/me', { password: 'ThirdPass789!', current_password: PASSWORD })];

describe('what the old password began', () => {
  it.each(acts)('ends with it, although it commits after the reset: %s', async (_, act) => {
    const person = await world.register();
    const token = await resetTokenOf(person);
    // The act has passed its checks and waits to write; the reset comes to its end meanwhile, if it can.
    await world.database.sql('BEGIN');
    await world.database.sql('LOCK TABLE audit_entries IN SHARE MODE');
    const acting = act(person);
    await waiters(1);
    const resetting = world.visitor.put('/auth/reset_password', { token, password: NEW_PASSWORD });
    for (let moment = 0; moment < 15; moment += 1) await pause();
    await world.database.sql('COMMIT');
    const [answer, reset] = [await acting, await resetting];
    expect(reset.status).toBe(200);
    expect(answer.body.access_token).toBeDefined();
    expect(told(await person.client.bearer(answer.body.access_token).get('/auth/me'))).toEqual([401, 'token_revoked']);
    expect(told(await world.visitor.post('/auth/refresh', { refresh_token: answer.body.refresh_token }))).toEqual([401, 'token_revoked']);
    expect((await world.visitor.post('/auth/login', { email: person.email, password: NEW_PASSWORD })).status).toBe(200);
  });

  it.each([...acts, newPassword])('is refused when the reset was first, although the old password was right when it was looked at: %s', async (_, act) => {
    const person = await world.register();
    const token = await resetTokenOf(person);
    // The reset has everything written and waits to commit; the act sees the old state until then.
    await world.database.sql('BEGIN');
    await world.database.sql('LOCK TABLE audit_entries IN SHARE MODE');
    const resetting = world.visitor.put('/auth/reset_password', { token, password: NEW_PASSWORD });
    await waiters(1);
    const acting = act(person);
    for (let moment = 0; moment < 15; moment += 1) await pause();
    await world.database.sql('COMMIT');
    const [answer, reset] = [await acting, await resetting];
    expect(reset.status).toBe(200);
    expect([401, 422]).toContain(answer.status);
    expect((await world.visitor.post('/auth/login', { email: person.email, password: NEW_PASSWORD })).status).toBe(200);
  });

  async function resetTokenOf({ email }: Person): Promise<string> {
    await world.visitor.post('/auth/forgot_password', { email });
    return tokenIn(await world.mailbox.reset(email));
  }

  /** Until so many wait to write into the trail. */
  async function waiters(count: number): Promise<void> {
    while ((await world.database.sql(WRITES_WAIT)).length < count) await pause();
  }
});
