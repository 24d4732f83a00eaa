export * from './ended-credential.js';
export * from './errors.js';
export * from './grant.js';
export * from './locale.js';
export * from './plain-origin.js';
export * from './principal.js';
export * from './request-context.js';
export * from './scopes.js';
