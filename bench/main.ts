import { benchAuth } from './auth.js';
import { benchLoginStorm } from './login-storm.js';

const BENCHMARKS: Readonly<Record<string, () => Promise<void>>> = { auth: benchAuth, storm: benchLoginStorm };

const [name = ''] = process.argv.slice(2);
const benchmark = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
if (benchmark === undefined) {
  console.error(`npm run bench -- <${Object.keys(BENCHMARKS).join('|')}>`);
  process.exitCode = 2;
} else await benchmark();
