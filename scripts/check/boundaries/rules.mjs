import { CALLS, LIBS, importableLibs } from './map.mjs';

const anyOf = (names) => `(${names.join('|')})`;
const SPEC = '\\.spec\\.ts$';
const CONTEXT = '^apps/api/src/([^/]+)/';
const room = (name) => `^apps/api/src/([^/]+)(/|/.+/)${name}/`;
const ownRoom = (name) => `^apps/api/src/$1(/|/.+/)${name}/`;
const INDEX = '^apps/api/src/[^/]+/index\\.ts$';

const refuse = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const libOrder = LIBS.map((lib) =>
  refuse(
    'lib-order',
    'a lib imports only the libs before it',
    { path: `^libs/${lib}/` },
    { path: '^libs/', pathNot: `^libs/${anyOf([lib, ...importableLibs(lib)])}/` },
  ),
);

const callMap = Object.entries(CALLS).map(([context, callees]) =>
  refuse(
    'call-map',
    'a context calls only whom the map names',
    { path: `^apps/api/src/${context}/` },
    { path: CONTEXT, pathNot: `^apps/api/src/${anyOf([context, ...callees])}/` },
  ),
);

/** Every rule of the house about who may import whom, in dependency-cruiser's terms. */
export const forbidden = [
  refuse('no-circles', 'an import that leads back to where it came from', {}, { circular: true }),
  refuse('no-blind-spots', 'an import that leads nowhere cannot be judged', {}, { couldNotResolve: true, path: '^[.#]' }),

  refuse('libs-know-no-app', 'a lib knows no app', { path: '^libs/' }, { path: '^apps/' }),
  refuse(
    'product-knows-no-test',
    'what ships imports no tests, benchmarks or scripts',
    { path: '^(apps|libs)/', pathNot: SPEC },
    { path: '^(test|bench|scripts)/' },
  ),
  ...libOrder,
  refuse(
    'lib-on-the-map',
    'every lib has its place in the order',
    {},
    { path: '^libs/', pathNot: `^libs/${anyOf(LIBS)}/` },
  ),
  refuse(
    'lib-by-its-index',
    'a lib is entered by its index.ts only',
    { path: '^libs/([^/]+)/' },
    { path: '^libs/', pathNot: ['^libs/$1/', '^libs/[^/]+/src/index\\.ts$'] },
  ),
  refuse(
    'lib-by-its-index',
    'a lib is entered by its index.ts only',
    { pathNot: '^libs/' },
    { path: '^libs/', pathNot: '^libs/[^/]+/src/index\\.ts$' },
  ),
  refuse(
    'lib-by-its-alias',
    'a lib is imported as #name, never by a path',
    { path: '^libs/([^/]+)/' },
    { path: '^libs/', pathNot: '^libs/$1/', dependencyTypesNot: ['aliased'] },
  ),
  refuse(
    'lib-by-its-alias',
    'a lib is imported as #name, never by a path',
    { pathNot: '^libs/' },
    { path: '^libs/', dependencyTypesNot: ['aliased'] },
  ),

  ...callMap,
  refuse(
    'context-on-the-map',
    'every context stands in the call map',
    {},
    { path: CONTEXT, pathNot: `^apps/api/src/${anyOf(Object.keys(CALLS))}/` },
  ),
  refuse(
    'context-by-its-index',
    'a context is entered by its index.ts only; app.module.ts may name its module',
    { path: CONTEXT },
    { path: CONTEXT, pathNot: ['^apps/api/src/$1/', INDEX] },
  ),
  refuse(
    'context-by-its-index',
    'a context is entered by its index.ts only; app.module.ts may name its module',
    { pathNot: [CONTEXT, '^apps/api/src/app\\.module\\.ts$'] },
    { path: CONTEXT, pathNot: INDEX },
  ),
  refuse(
    'context-by-its-index',
    'a context is entered by its index.ts only; app.module.ts may name its module',
    { path: '^apps/api/src/app\\.module\\.ts$' },
    { path: CONTEXT, pathNot: [INDEX, '^apps/api/src/[^/]+/[^/]+\\.module\\.ts$'] },
  ),
  refuse(
    'context-knows-no-main',
    'the program is put together from the contexts: they do not know it',
    { path: CONTEXT, pathNot: SPEC },
    { path: '^apps/api/src/[^/]+\\.ts$' },
  ),

  refuse(
    'pure-domain',
    'domain/ imports only its own domain/ and #domain',
    { path: room('domain'), pathNot: SPEC },
    { pathNot: [ownRoom('domain'), '^libs/domain/src/index\\.ts$'] },
  ),
  refuse(
    'pure-domain',
    '#domain imports nothing but itself',
    { path: '^libs/domain/', pathNot: SPEC },
    { pathNot: '^libs/domain/' },
  ),
  refuse(
    'http-never-storage',
    'http/ knows services, never storage/',
    { path: room('http') },
    { path: room('storage') },
  ),
  refuse(
    'only-the-module-sees-http',
    "http/ is seen by the context's module only",
    { path: CONTEXT, pathNot: ['/http/', '\\.module\\.ts$'] },
    { path: ownRoom('http') },
  ),
];
