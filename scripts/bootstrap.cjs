'use strict';
// Makes a clone ready to run: installs when node_modules is not what package-lock.json says, builds when a source changed.
// Plain CommonJS for Node 20, since neither our packages nor our own Node may be there yet. Quiet when there is nothing to do.
const { spawn } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: delay } = require('node:timers/promises');

const root = path.resolve(__dirname, '..');
const inRoot = (...parts) => path.join(root, ...parts);
const say = (line) => process.stderr.write(`${line}\n`);

const LOCK = inRoot('dist', '.bootstrap.lock');
const BUILT = inRoot('dist', '.sources');
const BUILD_INFO = inRoot('dist', '.tsbuildinfo');
const HEARTBEAT_MS = 5_000;
const DEAD_AFTER_MS = 60_000;

let running;

async function main() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) throw new Error(`Node 20.19 or newer is needed, this is ${process.version}.`);
  if (isInstalled() && isBuilt()) return;
  await alone(async () => {
    if (!isInstalled()) await install();
    if (!isBuilt()) await build();
  });
}

/** npm's own record of what it installed is compared with the lock file; packages for other platforms may be missing. */
function isInstalled() {
  const wanted = readJson(inRoot('package-lock.json'))?.packages;
  const present = readJson(inRoot('node_modules', '.package-lock.json'))?.packages;
  if (wanted === undefined) throw new Error('package-lock.json is missing or broken.');
  if (present === undefined) return false;
  return Object.entries(wanted).every(([name, { version, integrity, optional }]) => {
    if (name === '') return true;
    const found = present[name];
    return found === undefined ? optional === true : found.version === version && found.integrity === integrity;
  });
}

async function install() {
  say('Installing the packages (npm ci) …');
  // The npm that runs us, by its own Node: ours lies in the folder that npm ci replaces. The build needs the dev packages.
  const npm = process.env.npm_execpath;
  const [program, args] = npm?.endsWith('.js') ? [process.env.npm_node_execpath ?? process.execPath, [npm]] : ['npm', []];
  await run(program, [...args, 'ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']);
}

function isBuilt() {
  try {
    return fs.existsSync(inRoot('dist/apps/api/src/main.js')) && fs.readFileSync(BUILT, 'utf8') === stamp(fingerprint());
  } catch {
    return false;
  }
}

async function build() {
  say('Building (tsc) …');
  const sources = fingerprint();
  await run(process.execPath, [inRoot('node_modules/typescript/bin/tsc'), '-p', inRoot('tsconfig.json')]);
  fs.writeFileSync(BUILT, stamp(sources));
}

/** A compiler run by hand since then, on other sources, shows by the time of its own record. */
const stamp = (sources) => `${sources} ${fs.statSync(BUILD_INFO).mtimeMs}`;

/** Changes with any file that the compiler reads. */
function fingerprint() {
  const folders = ['apps/api', 'libs', 'test', 'bench'].flatMap((folder) => filesIn(inRoot(folder)));
  const sources = folders.filter((file) => /\.(ts|json)$/.test(file)).sort();
  const hash = createHash('sha256');
  for (const file of [...['ormconfig.ts', 'tsconfig.json', 'package.json', 'package-lock.json'].map((name) => inRoot(name)), ...sources]) {
    if (!fs.existsSync(file)) continue;
    const text = fs.readFileSync(file);
    hash.update(`${path.relative(root, file)}\0${text.length}\0`).update(text);
  }
  return hash.digest('hex');
}

function filesIn(folder) {
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules') return [];
    const full = path.join(folder, entry.name);
    return entry.isDirectory() ? filesIn(full) : [full];
  });
}

/** @throws with what the program printed, where it fails. */
function run(program, args) {
  return new Promise((resolve, reject) => {
    running = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' && program === 'npm' });
    let printed = '';
    for (const stream of [running.stdout, running.stderr]) stream.setEncoding('utf8').on('data', (text) => (printed += text));
    running.once('error', reject);
    running.once('close', (code, signal) => {
      running = undefined;
      if (code === 0) resolve();
      else reject(new Error(`${printed.trim()}\n${[program, ...args].join(' ')} failed (${code ?? signal}).`));
    });
  });
}

/** One at a time on this clone: `npm start` and `npm test` may come together. */
async function alone(work) {
  fs.mkdirSync(path.dirname(LOCK), { recursive: true });
  const me = String(process.pid);
  for (let waiting = false; !writeNew(LOCK, me); ) {
    const holder = readText(LOCK);
    if (holder !== undefined && isDead(holder)) {
      breakLock(holder);
      continue;
    }
    if (!waiting) say(`Waiting for another install or build of this clone (process ${holder ?? '?'}) …`);
    waiting = true;
    await delay(100);
  }
  const beat = setInterval(() => fs.utimes(LOCK, new Date(), new Date(), () => undefined), HEARTBEAT_MS);
  const release = () => readText(LOCK) === me && fs.rmSync(LOCK, { force: true });
  process.once('exit', release);
  for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]]) {
    process.once(signal, () => {
      running?.kill(signal);
      process.exit(code);
    });
  }
  try {
    await work();
  } finally {
    clearInterval(beat);
    release();
  }
}

/** Its process is gone, or the id belongs to another by now: a living one renews the file's time. */
function isDead(holder) {
  const age = Date.now() - (fs.statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  if (age > DEAD_AFTER_MS) return true;
  try {
    process.kill(Number(holder), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

function breakLock(holder) {
  const aside = `${LOCK}.${process.pid}`;
  try {
    fs.renameSync(LOCK, aside);
    // Somebody else broke it first, and this one is alive.
    if (readText(aside) !== holder) fs.linkSync(aside, LOCK);
  } catch {
    // Gone already, or taken again: the next look tells.
  }
  fs.rmSync(aside, { force: true });
}

/** Whole or not at all, and never over another's. */
function writeNew(file, text) {
  const draft = `${file}.draft-${process.pid}`;
  fs.writeFileSync(draft, text);
  try {
    fs.linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

main().catch((error) => {
  say(error.message);
  process.exit(1);
});
