const swc = {
  module: { type: 'commonjs' },
  sourceMaps: 'inline',
  jsc: {
    target: 'es2023',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    keepClassNames: true,
  },
};

const shared = {
  testEnvironment: '<rootDir>/test/support/one-realm.ts',
  runtime: '<rootDir>/test/support/native-packages.ts',
  setupFilesAfterEnv: ['<rootDir>/test/support/patience.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
  moduleNameMapper: {
    '^#([a-z]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.data'],
};

export default {
  // More than there are cores: half of the time a test waits for a timer, a process or the disk. A world takes up to 12
  // connections an instance: the embedded PostgreSQL has 200 of them, another one usually 100.
  maxWorkers: process.env['TEST_DATABASE_URL'] === undefined ? 4 : 3,
  testSequencer: '<rootDir>/test/support/longest-first.ts',
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/{libs,apps}/**/*.spec.ts'] },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/**/*.e2e.ts'],
      globalSetup: '<rootDir>/test/support/global-setup.ts',
      globalTeardown: '<rootDir>/test/support/global-teardown.ts',
    },
  ],
};
