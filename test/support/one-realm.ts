import type { JestEnvironmentConfig } from '@jest/environment';
import { ModernFakeTimers } from '@jest/fake-timers';
import { ModuleMocker } from 'jest-mock';

/** Test files run in Node's own realm, one after the other; what one of them leaves on the globals goes with it. */
export default class OneRealm {
  readonly global = globalThis;
  readonly moduleMocker = new ModuleMocker(globalThis);
  readonly fakeTimers = null;
  readonly fakeTimersModern: ModernFakeTimers;
  private readonly globals = Object.getOwnPropertyDescriptors(globalThis);
  private readonly env = { ...process.env };
  /** Jest wraps these two. */
  private readonly wrapped = { exit: process.exit, getBuiltinModule: process.getBuiltinModule };

  constructor({ projectConfig: config }: JestEnvironmentConfig) {
    this.fakeTimersModern = new ModernFakeTimers({ config, global: globalThis });
  }

  async setup(): Promise<void> {}

  async teardown(): Promise<void> {
    this.fakeTimersModern.dispose();
    for (const key of Reflect.ownKeys(globalThis)) if (!(key in this.globals)) Reflect.deleteProperty(globalThis, key);
    Object.defineProperties(globalThis, this.globals);
    for (const name of Object.keys(process.env)) if (!(name in this.env)) delete process.env[name];
    Object.assign(process.env, this.env);
    Object.assign(process, this.wrapped);
  }

  exportConditions(): string[] {
    return ['node', 'node-addons'];
  }

  /** There is none: see `NativePackages`. */
  getVmContext(): null {
    return null;
  }
}
