import tseslint from 'typescript-eslint';
import kiket from './scripts/check/eslint/index.js';

const product = ['apps/**/*.ts', 'libs/**/*.ts', 'ormconfig.ts'];
const specs = ['**/*.spec.ts'];
const ts = [...product, 'test/**/*.ts', 'bench/**/*.ts'];
const js = ['*.{js,mjs,cjs}', 'scripts/**/*.{js,mjs,cjs}', 'bench/**/*.{js,mjs,cjs}'];

/** A bad example of each rule stands in test/rules/eslint: `npm run check` shows that it is caught. */
export default [
  { ignores: ['dist/', 'node_modules/', 'coverage/', '.data/', '.scratch/', 'test/rules/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: [...ts, ...js],
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-constant-condition': 'error',
      'no-debugger': 'error',
      'no-eval': 'error',
      'no-self-compare': 'error',
      'no-template-curly-in-string': 'error',
      'no-unsafe-finally': 'error',
      'no-useless-catch': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
  { files: ['scripts/**', 'bench/**', 'apps/api/src/main.ts', 'apps/api/src/admin*.ts', 'apps/api/src/admin*/**'], rules: { 'no-console': 'off' } },
  {
    files: ts,
    languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true } },
    plugins: { '@typescript-eslint': tseslint.plugin },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_', varsIgnorePattern: '^_$' }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
    },
  },
  {
    // An `any` that a library hands in is one too. Tests read foreign answers all day and may.
    files: product,
    ignores: specs,
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'error',
      '@typescript-eslint/no-unsafe-assignment': 'error',
      '@typescript-eslint/no-unsafe-call': 'error',
      '@typescript-eslint/no-unsafe-member-access': 'error',
      '@typescript-eslint/no-unsafe-return': 'error',
    },
  },
  { files: ts, plugins: { kiket } },
  { files: product, ignores: ['libs/errors/**', ...specs], rules: { 'kiket/domain-error-only': 'error' } },
  { files: product, ignores: ['libs/config/**', ...specs], rules: { 'kiket/settings-from-config': 'error' } },
  { files: product, ignores: ['libs/clock/**', ...specs], rules: { 'kiket/time-from-clock': 'error' } },
  {
    files: product,
    ignores: [
      'libs/secrets/**',
      'libs/jwt/**',
      // A newcomer's keys are made before #secrets can stand on Config.
      'libs/config/src/development-keys.ts', 'libs/database/src/embedded/local-secret.ts',
      // Hashes what is public to who may read it: no secret is touched.
      'libs/audit/src/hash-chain.ts',
      ...specs,
    ],
    rules: { 'kiket/secrets-at-home': 'error' },
  },
  { files: ['apps/api/src/*/**/domain/**/*.ts', 'libs/domain/**/*.ts'], ignores: specs, rules: { 'kiket/changes-only-itself': 'error' } },
];
