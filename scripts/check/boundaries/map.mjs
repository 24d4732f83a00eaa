/** The map of the house: who may call whom. It stands here once; the rules are made from it. */

/** A lib may import the libs of earlier tiers. */
const LIB_TIERS = [
  ['domain'],
  ['config'],
  ['clock', 'secrets', 'locale'],
  ['request'],
  ['errors', 'database', 'redis'],
  ['jobs', 'signals'],
  ['mail'],
  ['jwt', 'access'],
  ['audit'],
];

/** Within a tier nobody imports a neighbour, but for these. */
const LIB_NEIGHBOURS = { secrets: ['clock'] };

/** What a context (a folder under apps/api/src) may call, through the other's index.ts. */
export const CALLS = {
  products: [],
  // No context, but a folder like one: the steps of the database's history.
  migrations: [],
  health: [],
  workspace: ['products'],
  'headless-auth': ['workspace', 'products'],
  'billing-subscription': ['workspace', 'products'],
  tokens: ['workspace', 'products'],
  oauth: ['workspace', 'products'],
  extensions: ['workspace', 'products'],
  notifications: ['workspace', 'products'],
  'audit-trail': ['workspace', 'products'],
  'security-alerts': ['notifications', 'workspace', 'products'],
};

export const LIBS = LIB_TIERS.flat();

/** The libs that a lib may import, itself left out. */
export function importableLibs(lib) {
  const tier = LIB_TIERS.findIndex((members) => members.includes(lib));
  return [...LIB_TIERS.slice(0, tier).flat(), ...(LIB_NEIGHBOURS[lib] ?? [])];
}
