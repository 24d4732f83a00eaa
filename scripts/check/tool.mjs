import { spawnSync } from 'node:child_process';

/** Runs a program under this Node and answers its lines when it fails, none when it succeeds. */
export function tool(root, script, ...args) {
  const { status, signal, error, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status === 0) return [];
  const said = `${stdout ?? ''}${stderr ?? ''}`.trim();
  return [...(said === '' ? [] : said.split('\n')), `${script} ended with ${error?.message ?? signal ?? `exit code ${status}`}`];
}
