import { isGlobal } from './globals.js';
import { onImport } from './imports.js';

const SOURCES = new Set(['crypto', 'node:crypto', 'bcrypt', '@nestjs/jwt']);

/** Cryptography is reviewed in two libs; a second home for it would be reviewed by nobody. */
export default {
  meta: {
    type: 'problem',
    schema: [],
    messages: { home: '{{source}} is used in libs/secrets and libs/jwt only: ask #secrets or #jwt.' },
  },
  create(context) {
    const refuse = (node, source) => context.report({ node, messageId: 'home', data: { source } });
    return {
      ...onImport((node, source) => {
        if (SOURCES.has(source)) refuse(node, source);
      }),
      'MemberExpression > Identifier.object[name="crypto"]'(node) {
        if (isGlobal(context, node)) refuse(node, 'the global crypto');
      },
      'MemberExpression[object.name="globalThis"][property.name="crypto"]'(node) {
        refuse(node, 'the global crypto');
      },
    };
  },
};
