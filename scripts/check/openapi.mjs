import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { tool } from './tool.mjs';

const PROGRAM = 'dist/apps/api/src/openapi.js';

/** openapi.json says what the program does now: it is made again from a fresh build and compared. */
export async function openapi(root) {
  const build = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' });
  if (build.status !== 0) return ['the program does not build, so openapi.json cannot be compared', ...`${build.stdout}${build.stderr}`.trim().split('\n').slice(0, 3)];
  if (!existsSync(join(root, PROGRAM))) return [`${PROGRAM} is missing: nothing says whether openapi.json is current`];
  return tool(root, PROGRAM, '--check');
}
