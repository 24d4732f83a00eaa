import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { compileFunction } from 'node:vm';
import type * as jest from 'jest-runtime';

const require = createRequire(import.meta.url);
const { default: Runtime } = require('jest-runtime') as typeof jest.default;

/** Nest's TypeORM module keeps the entities of every application that it ever saw: a later file would be given an earlier one's classes. */
function forgetEntities(): void {
  const { EntitiesMetadataStorage } = require(resolve('node_modules/@nestjs/typeorm/dist/entities-metadata.storage.js')) as { EntitiesMetadataStorage: object };
  const { DataSourceNameRegistry } = require(resolve('node_modules/@nestjs/typeorm/dist/data-source-name.registry.js')) as { DataSourceNameRegistry: { clear(): void } };
  Reflect.set(EntitiesMetadataStorage, 'storage', new Map());
  DataSourceNameRegistry.clear();
}

interface Executor {
  readonly injectedModuleParameters: readonly string[];
  compile: (source: string, filename: string) => unknown;
}

/**
 * Loads our own code anew for each test file, as Jest does, and leaves every package to Node, which loads it once per worker:
 * to instantiate them again costs each file over a second. Packages cannot be mocked.
 */
export default class NativePackages extends Runtime {
  constructor(...given: ConstructorParameters<typeof Runtime>) {
    super(...given);
    forgetEntities();
    const executor = Reflect.get(this, 'executor') as Executor;
    // In Node's own realm, where the packages live: an Error of theirs is an Error to our code, and the other way round.
    executor.compile = (source, filename) => compileFunction(source, executor.injectedModuleParameters, { filename });
  }

  override requireModuleOrMock<T>(from: string, name: string): T {
    return /^[.#]/.test(name) ? super.requireModuleOrMock<T>(from, name) : (require(name) as T);
  }
}
