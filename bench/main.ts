import { benchAuth } from './auth.js';
import { benchCable } from './cable.js';
import { benchLoginStorm } from './login-storm.js';
import { benchOAuth } from './oauth.js';
import { benchRevocation } from './revocation.js';
import { benchTokens } from './tokens.js';

const BENCHMARKS: Readonly<Record<string, () => Promise<void>>> = {
  auth: benchAuth,
  storm: benchLoginStorm,
  tokens: benchTokens,
  revocation: benchRevocation,
  oauth: benchOAuth,
  cable: benchCable,
};

const [name = ''] = process.argv.slice(2);
const benchmark = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
if (benchmark === undefined) {
  console.error(`npm run bench -- <${Object.keys(BENCHMARKS).join('|')}>`);
  process.exitCode = 2;
} else await benchmark();
