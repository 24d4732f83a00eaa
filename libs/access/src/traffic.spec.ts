import { Logger } from '@nestjs/common';
import { Clock } from '#clock';
import { type CredentialKind, Grant, Principal, Scopes } from '#domain';
import { Rounds } from '#jobs';
import { Traffic, type TrafficReader, type Use } from './traffic.js';

/** A clock that shows what the test set. */
class SetClock extends Clock {
  private time = moment(0);

  override now(): Date {
    return this.time;
  }

  show(seconds: number): void {
    this.time = moment(seconds);
  }
}

function moment(seconds: number): Date {
  return new Date(Date.UTC(2027, 0, 1, 0, 0, seconds));
}

/** Takes what it is offered, and refuses while it is told to. */
class Reader implements TrafficReader {
  readonly taken: Use[][] = [];
  refuses = false;
  /** What happens while it takes. */
  meanwhile = (): void => undefined;
  /** How long it takes. */
  written: Promise<void> = Promise.resolve();

  constructor(readonly name: string) {}

  async take(uses: readonly Use[]): Promise<void> {
    await this.written;
    this.meanwhile();
    if (this.refuses) throw new Error('no database');
    this.taken.push([...uses]);
  }
}

let clock: SetClock;
let rounds: Rounds;
let traffic: Traffic;
let reader: Reader;
let other: Reader;
let warn: jest.SpyInstance;
beforeEach(() => {
  warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  clock = new SetClock();
  rounds = new Rounds();
  traffic = new Traffic(rounds, clock);
  [reader, other] = [new Reader('one'), new Reader('other')];
  traffic.register(reader);
  traffic.register(other);
});
afterEach(() => {
  jest.useRealTimers();
  warn.mockRestore();
});

function caller(credentialId: number, kind: CredentialKind = 'workspace_token', tokenPrefix: string | null = null): Principal {
  return Principal.of({
    kind,
    credentialId,
    tokenPrefix,
    expiresAt: null,
    projectId: null,
    userId: 7,
    membershipId: 8,
    name: 'Jan',
    email: 'jan@acme.cz',
    locale: 'cs',
    role: 'admin',
    organization: { id: 3, name: 'Acme', slug: 'acme' },
    product: { id: 1, slug: 'p', name: 'P', defaultLocale: 'cs' },
    subscription: { id: 1, planTier: 'team', status: 'active', trialEndsAt: null, currentPeriodStart: null, currentPeriodEnd: null, canceledAt: null, active: true },
    plan: Scopes.all,
    grant: Grant.full,
  });
}

function saw(credentialId: number, { at, from = '10.0.0.1', kind }: { at: number; from?: string; kind?: CredentialKind }): void {
  clock.show(at);
  traffic.saw(caller(credentialId, kind), from);
}

const use = (credentialId: number, requests: number, at: number, lastIp = '10.0.0.1', kind: CredentialKind = 'workspace_token'): Use => ({
  kind, credentialId, tokenPrefix: null, organizationId: 3, requests, lastAt: moment(at), lastIp,
});

describe('traffic', () => {
  it('is counted by credential, with when and from where it was used last', async () => {
    saw(1, { at: 1 });
    saw(2, { at: 2 });
    saw(1, { at: 3, from: '10.0.0.2' });
    await traffic.flush();
    expect(reader.taken).toEqual([[use(1, 2, 3, '10.0.0.2'), use(2, 1, 2)]]);
  });

  it('tells credentials of two kinds apart that have the same id', async () => {
    saw(1, { at: 1 });
    saw(1, { at: 2, kind: 'user' });
    await traffic.flush();
    expect(reader.taken).toEqual([[use(1, 1, 1), use(1, 1, 2, '10.0.0.1', 'user')]]);
  });

  it('tells the secrets of one credential apart', async () => {
    for (const prefix of ['ext_live_1', 'ext_live_2', 'ext_live_1']) traffic.saw(caller(1, 'extension', prefix), '10.0.0.1');
    await traffic.flush();
    expect(reader.taken[0]?.map(({ tokenPrefix, requests }) => [tokenPrefix, requests])).toEqual([['ext_live_1', 2], ['ext_live_2', 1]]);
  });

  it('keeps what is latest where the clock is set back', async () => {
    saw(1, { at: 5, from: '10.0.0.5' });
    saw(1, { at: 4, from: '10.0.0.4' });
    await traffic.flush();
    expect(reader.taken).toEqual([[use(1, 2, 5, '10.0.0.5')]]);
  });

  it('is handed to each reader, once, and to nobody while there is none', async () => {
    await traffic.flush();
    saw(1, { at: 1 });
    await traffic.flush();
    await traffic.flush();
    expect([reader.taken, other.taken]).toEqual([[[use(1, 1, 1)]], [[use(1, 1, 1)]]]);
  });

  it('that comes while a reader takes is handed on the next time', async () => {
    saw(1, { at: 1 });
    reader.meanwhile = () => { saw(1, { at: 2 }); };
    await traffic.flush();
    reader.meanwhile = () => undefined;
    await traffic.flush();
    expect(reader.taken).toEqual([[use(1, 1, 1)], [use(1, 1, 2)]]);
  });

  it('is handed on only when what an earlier flush took is written too', async () => {
    let write = (): void => undefined;
    reader.written = new Promise((resolve) => { write = resolve; });
    saw(1, { at: 1 });
    const [round, flush] = [traffic.flush(), traffic.flush()];
    const done = jest.fn();
    void flush.then(done);
    await new Promise(setImmediate);
    expect([done.mock.calls.length, reader.taken.length]).toEqual([0, 0]);
    write();
    await Promise.all([round, flush]);
    expect(reader.taken).toEqual([[use(1, 1, 1)]]);
  });

  it('is handed on every five seconds', async () => {
    jest.useFakeTimers();
    traffic.onModuleInit();
    rounds.onApplicationBootstrap();
    saw(1, { at: 1 });
    await jest.advanceTimersByTimeAsync(4_999);
    expect(reader.taken).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(reader.taken).toEqual([[use(1, 1, 1)]]);
    await rounds.beforeApplicationShutdown();
  });

  it('is handed on when the service stops', async () => {
    saw(1, { at: 1 });
    await traffic.beforeApplicationShutdown();
    expect(reader.taken).toEqual([[use(1, 1, 1)]]);
  });
});

describe('traffic that a reader refused', () => {
  it('is offered again with what came since, and to that reader alone', async () => {
    saw(1, { at: 1 });
    reader.refuses = true;
    await traffic.flush();
    saw(1, { at: 2, from: '10.0.0.2' });
    saw(2, { at: 3 });
    await traffic.flush();
    reader.refuses = false;
    await traffic.flush();
    expect(reader.taken).toEqual([[use(1, 2, 2, '10.0.0.2'), use(2, 1, 3)]]);
    expect(other.taken).toEqual([[use(1, 1, 1)], [use(1, 1, 2, '10.0.0.2'), use(2, 1, 3)]]);
    expect(warn.mock.calls).toEqual([1, 2].map(() => [{ msg: 'what was seen of the traffic waits', reader: 'one', reason: 'Error: no database' }]));
  });

  it('does not take the place of what came while it was refused', async () => {
    saw(1, { at: 1, from: '10.0.0.1' });
    reader.refuses = true;
    reader.meanwhile = () => { saw(1, { at: 2, from: '10.0.0.2' }); };
    await traffic.flush();
    Object.assign(reader, { refuses: false, meanwhile: () => undefined });
    await traffic.flush();
    expect(reader.taken).toEqual([[use(1, 2, 2, '10.0.0.2')]]);
  });

  it('fills no more memory than a hundred thousand credentials do, and those go on being counted', async () => {
    reader.refuses = true;
    for (let id = 1; id <= 100_001; id += 1) traffic.saw(caller(id), '10.0.0.1');
    await traffic.flush();
    traffic.saw(caller(1), '10.0.0.1');
    traffic.saw(caller(100_002), '10.0.0.1');
    reader.refuses = false;
    await traffic.flush();
    const [uses = []] = reader.taken;
    expect([uses.length, uses.find(({ credentialId }) => credentialId === 1)?.requests]).toEqual([100_000, 2]);
    expect(uses.some(({ credentialId }) => credentialId > 100_000)).toBe(false);
  });
});
