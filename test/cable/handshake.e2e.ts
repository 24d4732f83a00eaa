import { connect, type Socket } from 'node:net';
import { accessToken, application } from '../oauth/application.js';
import { installed, project } from '../extensions/installation.js';
import { type Person, World } from '../support/world.js';
import { CableClient, EXT, type Knock, NOTIFICATIONS, V1 } from './cable-client.js';
import { signedIn } from './telling.js';
import { dropUpgraded, upgrade } from './upgrade.js';

const UNSUPPORTED = 'actioncable-unsupported';
const WELCOME = '{"type":"welcome"}';
const UNAUTHORIZED = '{"type":"disconnect","reason":"unauthorized","reconnect":false}';
const EXPIRED = '{"type":"disconnect","reason":"token_expired","reconnect":false}';
const RESTART = '{"type":"disconnect","reason":"server_restart","reconnect":true}';

let world: World;
let person: Person;
beforeAll(async () => {
  world = await World.start();
  person = await world.register();
});
afterEach(() => {
  CableClient.closeAll();
  dropUpgraded();
});
afterAll(async () => {
  await world.stop();
});

const base = () => world.instance.base;
const byProtocol = (token: string) => `anycable-token.${token}`;

/** All that was said to somebody who came in this way, and with which code it ended. */
async function refusal(knock: Knock): Promise<[string[], number]> {
  const client = await CableClient.open(base(), knock);
  const code = await client.ended();
  return [client.texts, code];
}

describe('the token', () => {
  it.each<[string, (token: string) => Knock]>([
    ['in the query', (token) => ({ token })],
    ['in the query, for an official client', (token) => ({ token, protocols: [V1, UNSUPPORTED] })],
    ['as a subprotocol', (token) => ({ protocols: [V1, byProtocol(token)] })],
    ['as the first subprotocol', (token) => ({ protocols: [byProtocol(token), V1] })],
  ])('is taken %s, and the first frame is the welcome', async (_, knock) => {
    const client = await CableClient.open(base(), knock(person.accessToken));
    await client.settled();
    expect(client.texts[0]).toBe(WELCOME);
    expect(client.frames.filter(({ type }) => type === 'welcome')).toHaveLength(1);
  });

  it('opens no door as a header or a cookie', async () => {
    const headers = { authorization: `Bearer ${person.accessToken}`, cookie: `token=${person.accessToken}; access_token=${person.accessToken}`, 'x-kiket-api-key': person.accessToken };
    expect(await refusal({ headers })).toEqual([[UNAUTHORIZED], 1000]);
  });

  it('brings an extended client a session id of its own, which nobody guesses', async () => {
    const sids = await Promise.all(
      [1, 2].map(async () => (await CableClient.of(person, base(), { protocols: [EXT] })).frames[0]),
    );
    for (const frame of sids) expect(frame).toEqual({ type: 'welcome', sid: expect.stringMatching(/^\S{32,}$/) });
    expect(sids[0]?.sid).not.toBe(sids[1]?.sid);
  });
});

describe('the subprotocol', () => {
  it.each<[string[], string | undefined]>([
    [[], undefined],
    [[V1], V1],
    [[EXT], EXT],
    [[V1, UNSUPPORTED], V1],
    [[UNSUPPORTED, V1], V1],
    [[UNSUPPORTED, EXT], EXT],
    [[EXT, V1, UNSUPPORTED], EXT],
    [[V1, EXT], V1],
    [[UNSUPPORTED], UNSUPPORTED],
    [['graphql-ws', V1], V1],
    [['graphql-ws', UNSUPPORTED], UNSUPPORTED],
    [['graphql-ws'], undefined],
    [[V1.toUpperCase()], undefined],
    [['actioncable-v1'], undefined],
  ])('of those offered (%j) is %s', async (offered, chosen) => {
    const query = `/cable?token=${person.accessToken}`;
    const answer = await upgrade(base(), query, { 'sec-websocket-protocol': offered.length === 0 ? undefined : offered.join(', ') });
    expect([answer.status, answer.headers['sec-websocket-protocol']]).toEqual([101, chosen]);
  });

  it.each([[[]], [[V1]], [[UNSUPPORTED]]])('is never the one that carries the token, beside %j', async (others: string[]) => {
    const offered = [byProtocol(person.accessToken), ...others];
    const answer = await upgrade(base(), '/cable', { 'sec-websocket-protocol': offered.join(', ') });
    expect([answer.status, answer.headers['sec-websocket-protocol']]).toEqual([101, others[0]]);
  });

  it('offered by nobody means no compression either, whatever is asked', async () => {
    const answer = await upgrade(base(), '/cable', { 'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits' });
    expect([answer.status, answer.headers['sec-websocket-extensions']]).toEqual([101, undefined]);
  });
});

describe('who may not listen gets the 101, is told why, and is closed with 1000', () => {
  const expired = async () => (await signedIn(world, 61)).accessToken;

  const credentials: Record<string, { reason?: string; token: () => Promise<string> }> = {
    'an empty token': { token: async () => '' },
    garbage: { token: async () => 'garbage' },
    'a token of 8 KB': { token: async () => 'x'.repeat(8_000) },
    'a forged token': { token: async () => `${person.accessToken.slice(0, -86)}${'A'.repeat(86)}` },
    'an unsigned token': { token: async () => `${person.accessToken.split('.').slice(0, 2).join('.')}.` },
    'a refresh token': { token: async () => person.refreshToken },
    'a workspace token': { token: async () => (await world.token(person)).token },
    'an OAuth token': { token: async () => (await accessToken(world, await application(person))).token },
    'an extension’s key': { token: async () => (await installed(world, person, (await project(person)).id)).key },
    'an expired token': { reason: EXPIRED, token: expired },
    'a token whose session was logged out': {
      token: async () => {
        const gone = await world.register();
        await gone.client.post('/auth/logout');
        return gone.accessToken;
      },
    },
    'a member whose organization does not pay any more': {
      token: async () => {
        const lapsed = await world.register();
        await world.database.sql(`UPDATE subscriptions SET trial_ends_at = now() - interval '1 minute' WHERE organization_id = $1`, [lapsed.organizationId]);
        return lapsed.accessToken;
      },
    },
    'a member whose organization has never paid': { token: async () => (await world.register({ product: 'paid-only' })).accessToken },
  };

  it.each(Object.entries(credentials))('%s', async (_, { token, reason = UNAUTHORIZED }) => {
    const presented = await token();
    expect(await refusal({ token: presented })).toEqual([[reason], 1000]);
    expect(await refusal({ token: presented, protocols: [EXT] })).toEqual([[reason], 1000]);
    if (presented !== '') expect(await refusal({ protocols: [V1, byProtocol(presented)] })).toEqual([[reason], 1000]);
  });

  it('nobody at all', async () => {
    expect(await refusal({})).toEqual([[UNAUTHORIZED], 1000]);
    expect(await refusal({ path: '/cable?token', protocols: [V1] })).toEqual([[UNAUTHORIZED], 1000]);
  });

  it('whoever brings two tokens', async () => {
    expect(await refusal({ path: `/cable?token=${person.accessToken}&token=${person.accessToken}` })).toEqual([[UNAUTHORIZED], 1000]);
  });

  it('and consumes nothing: a refresh token that was shown still refreshes', async () => {
    const shown = await world.register();
    await refusal({ token: shown.refreshToken });
    expect((await world.stranger.post('/api/v1/auth/refresh', { refresh_token: shown.refreshToken })).status).toBe(200);
  });
});

describe('commands that come before it is known who sends them', () => {
  it('are answered after the welcome, in their order', async () => {
    await world.database.sql('BEGIN');
    await world.database.sql('LOCK TABLE sessions');
    const client = await CableClient.open(base(), { token: person.accessToken });
    client.subscribing();
    client.subscribing('{"channel":"Unknown"}');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(client.texts).toEqual([]);
    await world.database.sql('ROLLBACK');
    await client.heard(({ type }) => type === 'reject_subscription');
    expect(client.frames).toEqual([
      { type: 'welcome' },
      { identifier: NOTIFICATIONS, type: 'confirm_subscription' },
      { identifier: '{"channel":"Unknown"}', type: 'reject_subscription' },
    ]);
  });

  it('are never answered to somebody who is refused', async () => {
    const client = await CableClient.open(base(), { token: 'garbage' });
    client.subscribing();
    expect(await client.ended()).toBe(1000);
    expect(client.texts).toEqual([UNAUTHORIZED]);
  });
});

describe('what is no handshake', () => {
  const plain = { connection: undefined, upgrade: undefined };
  const requests: [string, string, Record<string, string | undefined>][] = [
    ['a plain', 'GET', plain],
    ['a plain', 'POST', plain],
    ['a plain', 'HEAD', plain],
    ['of version 8, a', 'GET', { 'sec-websocket-version': '8' }],
    ['of no version, a', 'GET', { 'sec-websocket-version': undefined }],
    ['without a key, a', 'GET', { 'sec-websocket-key': undefined }],
    ['with a short key, a', 'GET', { 'sec-websocket-key': 'short' }],
    ['an upgrading', 'POST', {}],
    ['to something else, an upgrading', 'GET', { upgrade: 'h2c' }],
    ['with broken subprotocols, a', 'GET', { 'sec-websocket-protocol': 'a,,b' }],
    ['with the same subprotocol twice, a', 'GET', { 'sec-websocket-protocol': `${V1}, ${V1}` }],
  ];

  it.each(requests)('is refused with a 4xx and nothing of the inside: %s %s', async (_, method, headers) => {
    const { status, body } = await upgrade(base(), `/cable?token=${person.accessToken}`, headers, method);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(body).not.toMatch(/\.[jt]s\b|node_modules|\bat \S+ \(|Error:/);
  });

  it.each(['/cable/', '/cablex', '/CABLE', '/api/v1/cable', '/', '//', '//cable', '/%63able'])('opens no socket at %s', async (path) => {
    const answer = await upgrade(base(), `${path}?token=${person.accessToken}`).then(({ status }) => status, () => 'closed');
    expect(answer).not.toBe(101);
    if (answer !== 'closed') expect(String(answer)).toMatch(/^4/);
  });

  it('is answered as what it is where a client offers HTTP/2 beside', async () => {
    const { status, body } = await upgrade(base(), '/health/live', { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAoAAAAAIAAAAA' });
    expect([status, body]).toEqual([200, '{"status":"ok"}']);
  });
});

describe('the origin', () => {
  it.each<[string, string, 'welcome' | 'unauthorized']>([
    ['spravce-gdpr', 'https://app.spravce-gdpr.cz', 'welcome'],
    ['spravce-gdpr', 'https://kanzlei.example', 'unauthorized'],
    ['spravce-gdpr', 'http://app.spravce-gdpr.cz', 'unauthorized'],
    ['spravce-gdpr', 'https://app.spravce-gdpr.cz:8443', 'unauthorized'],
    ['spravce-gdpr', 'https://app.spravce-gdpr.cz.evil.example', 'unauthorized'],
    ['spravce-gdpr', 'null', 'unauthorized'],
    ['kanzlei', 'https://kanzlei.example', 'welcome'],
    ['kanzlei', 'https://app.spravce-gdpr.cz', 'unauthorized'],
    ['kiket', 'https://anywhere.example', 'welcome'],
  ])('of a member of %s that is %s: %s', async (product, origin, verdict) => {
    const { accessToken: token } = await world.register({ product });
    const knock = { token, protocols: [V1], headers: { origin } };
    if (verdict === 'unauthorized') return expect(await refusal(knock)).toEqual([[UNAUTHORIZED], 1000]);
    const client = await CableClient.open(base(), knock);
    await client.settled();
    expect(client.texts[0]).toBe(WELCOME);
  });

  it('is asked after the token: an expired one is told as such', async () => {
    const { accessToken: token } = await signedIn(world, 61);
    expect(await refusal({ token, headers: { origin: 'https://evil.example' } })).toEqual([[EXPIRED], 1000]);
  });

  it('may be missing', async () => {
    const client = await CableClient.of(person, base());
    expect(client.texts[0]).toBe(WELCOME);
  });
});

describe('a broken frame', () => {
  const MASK = Buffer.from([1, 2, 3, 4]);
  const masked = (opcode: number, payload: Buffer) =>
    Buffer.concat([Buffer.from([opcode, 0x80 | payload.length]), MASK, payload.map((byte, place) => byte ^ (MASK[place % 4] ?? 0))]);

  const frames: [string, Buffer | null][] = [
    ['with reserved bits', masked(0xf1, Buffer.from('{}'))],
    ['of an unknown opcode', masked(0x83, Buffer.from('{}'))],
    ['without a mask', Buffer.from([0x81, 0x02, 0x7b, 0x7d])],
    ['that continues nothing', masked(0x80, Buffer.from('{}'))],
    ['of bad UTF-8', masked(0x81, Buffer.from([0xff, 0xfe]))],
    ['that claims 2^63 bytes', Buffer.from([0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4])],
    ['that is a ping of 126 bytes', Buffer.from([0x89, 0xfe, 0x00, 0x7e, 1, 2, 3, 4])],
    ['that closes with a code there is not', masked(0x88, Buffer.from([0x00, 0x01]))],
    ['that never ends', Buffer.from([0x81, 0xfe])],
    ['that is a reset', null],
  ];

  it.each(frames)('ends its own connection alone: %s', async (_, bytes) => {
    const neighbour = await CableClient.of(person, base());
    const logged = world.logs.length;
    for (const token of [person.accessToken, 'garbage']) {
      const { socket } = await upgrade(base(), `/cable?token=${token}`);
      if (bytes !== null) socket?.write(bytes);
      await new Promise((resolve) => setTimeout(resolve, 20));
      (socket as Socket).resetAndDestroy();
    }
    await neighbour.settled();
    expect((await world.stranger.get('/health/live')).status).toBe(200);
    expect(world.logs.slice(logged).filter((line) => !line.includes('/health/live'))).toEqual([]);
  });

  it.each(['GET // HTTP/1.1\r\nHost: x', 'GET /cable HTTP/1.1\r\nHost: [', 'GET /cable HTTP/1.1\r\nHost: x\r\nSec-WebSocket-Version: 8', 'GET /nowhere HTTP/1.1\r\nHost: x'])(
    'nor does a handshake that is reset at once: %j',
    async (head) => {
      const { hostname, port } = new URL(base());
      for (let tries = 0; tries < 5; tries += 1) {
        const socket = connect(Number(port), hostname).on('error', () => undefined);
        socket.write(`${head}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n${'x'.repeat(1000)}`);
        await new Promise((resolve) => setTimeout(resolve, 2 * tries));
        socket.resetAndDestroy();
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect((await world.stranger.get('/health/live')).status).toBe(200);
    },
  );
});

describe('while the database is out of reach', () => {
  it('whoever comes is told to come back, whoever subscribes too, and then they can', async () => {
    const [idle, speaking] = [await CableClient.of(person, base()), await CableClient.of(person, base())];
    await world.database.outage(async () => {
      expect(await refusal({ token: person.accessToken, protocols: [V1] })).toEqual([[RESTART], 1000]);
      speaking.subscribing();
      expect(await speaking.ended()).toBe(1000);
      expect(speaking.texts.filter((text) => !text.includes('ping'))).toEqual([WELCOME, RESTART]);
      expect(await refusal({ token: 'garbage' })).toEqual([[UNAUTHORIZED], 1000]);
    });
    expect(idle.isOpen).toBe(true);
    await idle.subscribe();
    const back = await CableClient.of(person, base());
    await back.subscribe();
  });
});
