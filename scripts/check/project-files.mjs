import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What is in git, and what `git add .` would put there: paths from the root. */
export function projectFiles(root) {
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
  return [...new Set(list.split('\0'))].filter((path) => path !== '' && existsSync(join(root, path)));
}
