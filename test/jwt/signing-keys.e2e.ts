import { setTimeout as pause } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { Clock } from '#clock';
import { type Config, loadConfig } from '#config';
import { connectionOptions, Database } from '#database';
import { KeyFingerprints, PRODUCT_ACCESS, type ProductClaims, SigningKeys, SigningKeyStore, TokenSigner, TokenVerifier } from '#jwt';
import { SealedBox } from '#secrets';
import { ScratchDatabase } from '../support/scratch-database.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const SETTINGS = { SECRETS_KEY: Buffer.alloc(32, 1).toString('base64'), PASSWORD_PEPPER: Buffer.alloc(32, 2).toString('base64') };

class SetClock extends Clock {
  constructor(private time = new Date('2030-01-01T12:00:00Z')) {
    super();
  }

  override now(): Date {
    return this.time;
  }

  forward(milliseconds: number): void {
    this.time = new Date(this.time.getTime() + milliseconds);
  }
}

let scratch: ScratchDatabase;
const opened: { keys: SigningKeys; source: DataSource }[] = [];

/** One instance of the service, with connections of its own. */
async function instance(clock: Clock, config: Config = loadConfig(SETTINGS)) {
  const source = await new DataSource(connectionOptions(scratch.url)).initialize();
  const database = new Database(source, new Clock());
  const keys = new SigningKeys(config, database, clock, new SigningKeyStore(database, new SealedBox(config)));
  opened.push({ keys, source });
  return { database, keys, signer: new TokenSigner(keys), verifier: new TokenVerifier(keys, config, clock) };
}

async function started(clock: Clock) {
  const service = await instance(clock);
  await service.keys.start();
  return service;
}

const kids = (keys: SigningKeys) => keys.jwks().keys.map(({ kid }) => kid);

function claims(clock: Clock): ProductClaims {
  const iat = Math.floor(clock.now().getTime() / 1000);
  return { iss: 'kiket.dev', sub: '7', org: 42, product: 'kiket', scopes: [], type: 'access', iat, exp: iat + 3600, jti: 'x', sid: 9 };
}

async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100 && !(await holds()); tries += 1) await pause(50);
  expect(await holds()).toBe(true);
}

beforeAll(async () => {
  scratch = await ScratchDatabase.create();
});

afterEach(async () => {
  for (const { keys, source } of opened.splice(0)) {
    keys.onModuleDestroy();
    await source.destroy();
  }
  await scratch.sql('TRUNCATE signing_keys, key_fingerprints');
});

afterAll(async () => {
  await scratch.close();
});

describe('the first signing key', () => {
  it('is made once, by however many instances start at once, and signs at once', async () => {
    const clock = new SetClock();
    const [one, other, third] = await Promise.all([started(clock), started(clock), started(clock)]);

    expect(kids(one.keys)).toHaveLength(1);
    expect(kids(other.keys)).toEqual(kids(one.keys));
    expect(await third.verifier.verify(one.signer.sign(claims(clock), PRODUCT_ACCESS), PRODUCT_ACCESS)).toEqual(claims(clock));
  });

  it('is still the key after a restart', async () => {
    const clock = new SetClock();
    const token = (await started(clock)).signer.sign(claims(clock), PRODUCT_ACCESS);

    expect(await (await started(clock)).verifier.verify(token, PRODUCT_ACCESS)).toEqual(claims(clock));
  });

  it('is nowhere in the table but sealed', async () => {
    const { keys } = await started(new SetClock());
    const { d } = keys.signer().privateKey.export({ format: 'jwk' });
    const [row] = await scratch.sql<{ dump: string; sealed_private_key: Buffer }>(
      'SELECT sealed_private_key, to_jsonb(signing_keys)::text AS dump FROM signing_keys',
    );

    expect(row?.dump).not.toContain(d);
    expect(row?.sealed_private_key.includes(Buffer.from(d as string, 'base64url'))).toBe(false);
    expect(row?.dump).not.toContain('"d"');
  });

  it('is believed only as it was sealed: a row that somebody wrote without SECRETS_KEY gets no token through', async () => {
    const clock = new SetClock();
    const { keys, verifier } = await started(clock);
    const other = await instance(clock, loadConfig({ ...SETTINGS, SECRETS_KEY: Buffer.alloc(32, 7).toString('base64') }));
    const genuine = keys.signer().kid;
    await scratch.sql('DELETE FROM signing_keys');
    await other.keys.start();
    const forged = other.signer.sign(claims(clock), PRODUCT_ACCESS);

    await expect(verifier.verify(forged, PRODUCT_ACCESS)).rejects.toMatchObject({ code: 'unavailable' });
    expect(kids(keys)).toEqual([genuine]);
  });
});

describe('rotation', () => {
  it('publishes the new key an hour before it signs, and the old one while its tokens may live, on every instance', async () => {
    const clock = new SetClock();
    const [one, other] = await Promise.all([started(clock), started(clock)]);
    const first = one.keys.signer().kid;
    const early = one.signer.sign(claims(clock), PRODUCT_ACCESS);
    const next = await one.keys.rotate();

    expect(next).toEqual({ kid: expect.any(String), state: 'upcoming', activatesAt: new Date(clock.now().getTime() + HOUR) });
    await eventually(() => kids(other.keys).includes(next.kid));
    expect(kids(one.keys)).toEqual([first, next.kid]);
    clock.forward(HOUR - 1);
    expect([one.keys.signer().kid, other.keys.signer().kid]).toEqual([first, first]);
    expect(await other.verifier.verify(early, PRODUCT_ACCESS)).toBeDefined();

    clock.forward(1);
    expect([one.keys.signer().kid, other.keys.signer().kid]).toEqual([next.kid, next.kid]);
    expect((await other.keys.list()).map(({ kid, state }) => [kid, state])).toEqual([
      [first, 'verify-only'],
      [next.kid, 'active'],
    ]);
    clock.forward(30 * DAY - 1);
    expect(kids(other.keys)).toEqual([first, next.kid]);
    clock.forward(1);
    expect(kids(other.keys)).toEqual([next.kid]);
    await expect(other.verifier.genuine(early, PRODUCT_ACCESS)).rejects.toMatchObject({ code: 'invalid_token' });
  });

  it('can be immediate, and no instance refuses what another signs a moment later', async () => {
    const clock = new SetClock();
    const [one, other] = await Promise.all([started(clock), started(clock)]);
    for (let round = 0; round < 4; round += 1) {
      const { kid, state } = await one.keys.rotate({ immediately: true });

      expect(state).toBe('active');
      expect(one.keys.signer().kid).toBe(kid);
      expect(await other.verifier.verify(one.signer.sign(claims(clock), PRODUCT_ACCESS), PRODUCT_ACCESS)).toEqual(claims(clock));
    }
  });

  it('is immediate also where the clock of whoever made the present key is ahead', async () => {
    const behind = new SetClock();
    const ahead = new SetClock();
    ahead.forward(5000);
    const [first, second] = [await started(ahead), await started(behind)];
    const { kid } = await second.keys.rotate({ immediately: true });

    await eventually(() => first.keys.signer().kid === kid);
  });

  it('that is undone leaves no key behind, and nothing was signed with it', async () => {
    const clock = new SetClock();
    const { database, keys } = await started(clock);
    const before = kids(keys);
    const during = database.transaction(async () => {
      await keys.rotate({ immediately: true });
      expect(kids(keys)).toEqual(before);
      throw new Error('undone');
    });

    await expect(during).rejects.toThrow('undone');
    expect(kids(keys)).toEqual(before);
    expect(await keys.list()).toHaveLength(1);
  });

  it('refuses none of a thousand genuine tokens on two instances', async () => {
    const clock = new SetClock();
    const [one, other] = await Promise.all([started(clock), started(clock)]);
    const verdicts: Promise<ProductClaims>[] = [];
    for (let count = 0; count < 1000; count += 1) {
      const [signing, verifying] = count % 2 === 0 ? [one, other] : [other, one];
      if (count % 250 === 125) await signing.keys.rotate({ immediately: true });
      const token = signing.signer.sign({ ...claims(clock), jti: `token-${count}` }, PRODUCT_ACCESS);
      verdicts.push(verifying.verifier.verify(token, PRODUCT_ACCESS));
    }

    expect((await Promise.allSettled(verdicts)).filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(kids(one.keys)).toHaveLength(5);
  });
});

describe('a removed key', () => {
  it('is gone at once on every instance, with what it signed, and its private part is erased', async () => {
    const clock = new SetClock();
    const [one, other] = await Promise.all([started(clock), started(clock)]);
    const { kid } = one.keys.signer();
    const token = one.signer.sign(claims(clock), PRODUCT_ACCESS);
    expect(await other.verifier.verify(token, PRODUCT_ACCESS)).toBeDefined();
    await one.keys.rotate({ immediately: true });
    await one.keys.remove(kid);

    await expect(one.verifier.verify(token, PRODUCT_ACCESS)).rejects.toMatchObject({ code: 'invalid_token' });
    await eventually(() => !kids(other.keys).includes(kid));
    await expect(other.verifier.verify(token, PRODUCT_ACCESS)).rejects.toMatchObject({ code: 'invalid_token' });
    const rows = await scratch.sql<{ sealed_private_key: Buffer }>('SELECT sealed_private_key FROM signing_keys WHERE kid = $1', [kid]);
    expect(rows).toEqual([{ sealed_private_key: Buffer.alloc(0) }]);
    await started(clock);
  });

  it('is never the one that signs, and never one that does not exist', async () => {
    const { keys } = await started(new SetClock());

    await expect(keys.remove(keys.signer().kid)).rejects.toMatchObject({ code: 'conflict' });
    await expect(keys.remove('x'.repeat(43))).rejects.toMatchObject({ code: 'not_found' });
    expect(kids(keys)).toHaveLength(1);
  });
});

describe('an instance whose listening connection is lost', () => {
  it('learns what it missed when it listens again', async () => {
    const clock = new SetClock();
    const [deaf, other] = await Promise.all([started(clock), started(clock)]);
    const listening = `FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`;
    await scratch.sql(`SELECT pg_terminate_backend(pid) ${listening}`);
    const { kid } = await other.keys.rotate();
    await eventually(() => kids(deaf.keys).includes(kid));

    const later = await other.keys.rotate();
    await eventually(() => kids(deaf.keys).includes(later.kid));
  });

  it('asks for a key that it has never seen rather than refuse its token', async () => {
    const clock = new SetClock();
    const [deaf, other] = await Promise.all([started(clock), started(clock)]);
    deaf.keys.onModuleDestroy();
    await other.keys.rotate({ immediately: true });

    expect(await deaf.verifier.verify(other.signer.sign(claims(clock), PRODUCT_ACCESS), PRODUCT_ACCESS)).toEqual(claims(clock));
  });

  it('does not call a token forged while the database cannot be asked for its key', async () => {
    const clock = new SetClock();
    const [deaf, other] = await Promise.all([started(clock), started(clock)]);
    deaf.keys.onModuleDestroy();
    const known = other.signer.sign(claims(clock), PRODUCT_ACCESS);
    await other.keys.rotate({ immediately: true });
    const unknown = other.signer.sign(claims(clock), PRODUCT_ACCESS);
    await scratch.sql('ALTER TABLE signing_keys RENAME TO signing_keys_away');
    try {
      for (let count = 0; count < 20; count += 1) {
        await expect(deaf.verifier.verify(unknown, PRODUCT_ACCESS)).rejects.toMatchObject({ code: 'unavailable' });
      }
      expect(await deaf.verifier.verify(known, PRODUCT_ACCESS)).toEqual(claims(clock));
      const [, payload, signature] = known.split('.');
      const impossible = Buffer.from(JSON.stringify({ alg: 'ES256', typ: 'JWT', kid: 'no-thumbprint' })).toString('base64url');
      await expect(deaf.verifier.verify(`${impossible}.${payload}.${signature}`, PRODUCT_ACCESS)).rejects.toMatchObject({ code: 'invalid_token' });
    } finally {
      await scratch.sql('ALTER TABLE signing_keys_away RENAME TO signing_keys');
    }
  });
});

describe('the keys that a database belongs to', () => {
  const fingerprints = async (settings: Record<string, string>) => {
    const { database } = await instance(new SetClock());
    return new KeyFingerprints(loadConfig(settings), database);
  };

  it('are recorded at the first start, by two at once too, and are the same at the next', async () => {
    await Promise.all([(await fingerprints(SETTINGS)).assertUnchanged(), (await fingerprints(SETTINGS)).assertUnchanged()]);

    await (await fingerprints(SETTINGS)).assertUnchanged();
  });

  it.each(['SECRETS_KEY', 'PASSWORD_PEPPER'])('stop the start where they changed, by name: %s', async (name) => {
    await (await fingerprints(SETTINGS)).assertUnchanged();
    const changed = await fingerprints({ ...SETTINGS, [name]: Buffer.alloc(32, 9).toString('base64') });

    await expect(changed.assertUnchanged()).rejects.toThrow(`${name}: is not the one`);
    await expect(changed.assertUnchanged()).rejects.not.toThrow(name === 'SECRETS_KEY' ? 'PASSWORD_PEPPER' : 'SECRETS_KEY');
  });
});
