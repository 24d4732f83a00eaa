import { createRemoteJWKSet, jwtVerify } from 'jose';
import { tokenIn } from '../support/mailbox.js';
import { PASSWORD, World } from '../support/world.js';
import { COMMANDS } from './commands.js';
import { type Printed, pasted } from './pasted.js';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await world.stop();
});

const paste = async (command: string, secret = ''): Promise<Printed> => pasted(world, command, { 'eyJ...': secret, '"..."': `"${secret}"` });

describe('whoever pastes the documentation', () => {
  it('gets what the text says, command by command', async () => {
    const registered = await paste(COMMANDS.register);
    expect([registered.status, Object.keys(registered.body)]).toEqual([
      201,
      ['access_token', 'refresh_token', 'token_type', 'expires_in', 'user', 'organization', 'subscription'],
    ]);

    const loggedIn = await paste(COMMANDS.login);
    expect([loggedIn.status, loggedIn.body.user]).toEqual([200, registered.body.user]);

    const refreshed = await paste(COMMANDS.refresh, loggedIn.body.refresh_token);
    expect([refreshed.status, refreshed.body.expires_in]).toEqual([200, 3600]);

    const me = await paste(COMMANDS.me, refreshed.body.access_token);
    expect([me.status, me.body.user.name]).toEqual([200, 'Jan Novak']);

    const updated = await paste(COMMANDS.updateMe, refreshed.body.access_token);
    expect([updated.status, updated.body.user.name]).toEqual([200, 'Jan Novak Jr.']);

    const forgotten = await paste(COMMANDS.forgotPassword);
    expect(forgotten.status).toBe(202);

    const mail = await world.mailbox.reset('jan@acme.cz');
    expect([mail.subject, mail.from?.text]).toEqual(['Správce GDPR: obnovení hesla', '"Správce GDPR" <noreply@spravce-gdpr.cz>']);
    expect(`${mail.subject} ${mail.text} ${String(mail.html)}`).not.toMatch(/kiket/i);

    const reset = await paste(COMMANDS.resetPassword, tokenIn(mail));
    expect(reset.status).toBe(200);
    expect((await world.visitor.post('/auth/login', { email: 'jan@acme.cz', password: PASSWORD })).status).toBe(401);
    expect((await world.visitor.post('/auth/login', { email: 'jan@acme.cz', password: 'NewPass456!' })).status).toBe(200);
  });

  it('offers the organizations where there are several, and signs in to the chosen one', async () => {
    const { email } = await world.register({ organization: 'First' });
    await world.register({ email, organization: 'Second' });
    const offered = await world.visitor.post('/auth/login', { email, password: PASSWORD });
    expect(offered.body).toMatchObject({ select_organization: true, organizations: [{ name: 'First' }, { name: 'Second' }] });
    const { organizations, login_token } = offered.body;
    const chosen = await world.visitor.post('/auth/login/select_org', { organization_id: organizations[1].id, login_token });
    expect([chosen.status, chosen.body.organization.name]).toEqual([200, 'Second']);
  });

  it('verifies a token with jose and finds the claims of the table', async () => {
    const { accessToken, id, organizationId } = await world.register();
    const keys = createRemoteJWKSet(new URL(`${world.instance.base}/.well-known/jwks.json`));
    const { payload, protectedHeader } = await jwtVerify(accessToken, keys, { issuer: 'kiket.dev', algorithms: ['ES256'] });
    expect(protectedHeader.alg).toBe('ES256');
    expect(payload).toMatchObject({
      sub: String(id),
      org: organizationId,
      product: 'spravce-gdpr',
      scopes: expect.arrayContaining(['issues', 'projects']),
      type: 'access',
      iss: 'kiket.dev',
      exp: expect.any(Number),
      jti: expect.any(String),
    });
  });
});
