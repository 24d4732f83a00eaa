import { DomainError } from '#domain';
import { toldVerdict, verifiedOffline } from './audit-verify.js';
import type { Commands } from './with-operator.js';

const USAGE = `npm run admin -- <command>

  users:disable <email>                      ends every session; signing in is refused
  users:enable <email>
  organizations:suspend <product> <slug>     every credential of it is dead
  organizations:resume <product> <slug>
  keys:list                                  the signing keys and their states
  keys:rotate [--now]                        a new key signs in an hour; with --now at once
  keys:remove <kid>                          ends a key, with all that it signed
  subscriptions:set <product> <slug> <plan> <status>
                                             by hand; what Stripe says of it later counts again, but
                                             what was canceled stays so
  secrets:reencrypt                          seals extensions' secrets anew under a new key
  audit:check                                verifies every chain of the audit trail
  audit:verify <export.ndjson> [--keys <audit-keys.json> --checkpoint <file or JWS>]
                                             verifies an export, without the database; 1 where it is not whole`;

type Command = (commands: Commands, args: readonly string[]) => Promise<string>;

const COMMANDS: Readonly<Record<string, { readonly takes: number; readonly flag?: string; readonly run: Command }>> = {
  'users:disable': { takes: 1, run: async ({ operator }, [email = '']) => (await operator.disableUser(email), `${email} is disabled`) },
  'users:enable': { takes: 1, run: async ({ operator }, [email = '']) => (await operator.enableUser(email), `${email} is enabled`) },
  'organizations:suspend': {
    takes: 2,
    run: async ({ operator }, [product = '', slug = '']) => (await operator.suspendOrganization(product, slug), `${slug} is suspended`),
  },
  'organizations:resume': {
    takes: 2,
    run: async ({ operator }, [product = '', slug = '']) => (await operator.resumeOrganization(product, slug), `${slug} is resumed`),
  },
  'keys:list': {
    takes: 0,
    run: async ({ operator }) => {
      const keys = await operator.listSigningKeys();
      return keys.map(({ kid, state, activatesAt }) => `${kid}  ${state.padEnd(12)} signs from ${activatesAt.toISOString()}`).join('\n');
    },
  },
  'keys:rotate': {
    takes: 0,
    flag: '--now',
    run: async ({ operator }, args) => {
      const { kid, activatesAt } = await operator.rotateSigningKeys(args.includes('--now'));
      return `${kid} signs from ${activatesAt.toISOString()}`;
    },
  },
  'keys:remove': { takes: 1, run: async ({ operator }, [kid = '']) => (await operator.removeSigningKey(kid), `${kid} is removed`) },
  'subscriptions:set': {
    takes: 4,
    run: async ({ subscriptions }, [product = '', slug = '', plan = '', status = '']) => {
      await subscriptions.set(product, slug, plan, status);
      return `${slug} is ${status} on ${plan}`;
    },
  },
  'secrets:reencrypt': {
    takes: 0,
    run: async ({ reencryption }) => {
      const { version, resealed, broken } = await reencryption.run();
      // Whoever goes on only after a success must not take this for one.
      if (broken.length > 0) process.exitCode = 1;
      const unopened = broken.map((place) => `\n${place} does not open: it was changed or moved, and stays as it is`);
      return `${resealed} secrets are sealed under version ${version} of the data key${unopened.join('')}`;
    },
  },
  'audit:check': {
    takes: 0,
    run: async ({ chains }) => {
      const verdicts = await chains.verifyAll();
      if (verdicts.some(({ verdict }) => !verdict.valid)) process.exitCode = 1;
      return verdicts.map(({ chain, verdict }) => `${chain}  ${toldVerdict(verdict)}`).join('\n');
    },
  },
};

async function run([name = '', ...args]: readonly string[]): Promise<void> {
  const offline = name === 'audit:verify' ? await verifiedOffline(args) : null;
  if (offline !== null) {
    console.log(offline);
    return;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  // A misspelt flag must not do the other thing.
  if (command === undefined || args.filter((arg) => arg !== command.flag).length !== command.takes) {
    console.error(USAGE);
    process.exitCode = 2;
    return;
  }
  // Loaded only now: what is misspelt is answered at once.
  const { withOperator } = await import('./with-operator.js');
  console.log(await withOperator((commands) => command.run(commands, args)));
}

const words = process.argv.slice(2);
await run(words).catch((error: unknown) => {
  console.error(error instanceof DomainError ? `${words.join(' ')}: ${reasonOf(error)}` : error);
  process.exitCode = 1;
});

function reasonOf({ code, details }: DomainError): string {
  return details.cause === undefined ? code : `${code} (${String(details.cause)})`;
}
