import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** It fetches nothing of its own accord, and may run as root, in a container. */
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/** A Chromium of the machine's; nobody's machine must have one. */
export class ChromiumBrowser {
  private static readonly path = found();

  private constructor(private readonly browser: Browser) {}

  /** Where there is none, says so. */
  static isInstalled(whatFor: string): boolean {
    if (ChromiumBrowser.path === null) process.stderr.write(`\n!!! skipped: ${whatFor}: no Chromium here (apt-get install chromium, or TEST_CHROMIUM=<its path>) !!!\n\n`);
    return ChromiumBrowser.path !== null;
  }

  static async start(): Promise<ChromiumBrowser> {
    if (ChromiumBrowser.path === null) throw new Error('no Chromium here');
    return new ChromiumBrowser(await chromium.launch({ executablePath: ChromiumBrowser.path, args: FLAGS }));
  }

  /** Somebody's own: it shares nothing with others. */
  async context(locale = 'en-US'): Promise<BrowserContext> {
    return this.browser.newContext({ locale });
  }

  async stop(): Promise<void> {
    await this.browser.close();
  }
}

/** The first that starts: a name may stand for a hint how to install it. */
function found(): string | null {
  const given = process.env['TEST_CHROMIUM'];
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const paths = given === undefined ? NAMES.flatMap((name) => folders.map((folder) => join(folder, name))) : [given];
  return paths.find((path) => existsSync(path) && spawnSync(path, ['--version', '--no-sandbox'], { timeout: 10_000 }).status === 0) ?? null;
}
