import { onImport } from './imports.js';

/** A status is decided in one place, from a DomainError's kind; Nest's exceptions would decide it anywhere. */
export default {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      exception: 'Throw a DomainError (#domain): {{name}} belongs to libs/errors.',
      member: 'Throw a DomainError (#domain): a Nest exception belongs to libs/errors.',
    },
  },
  create(context) {
    const ofNest = (source) => source.startsWith('@nestjs/');
    return {
      ...onImport((node, source, names) => {
        const name = ofNest(source) && names.find((each) => each.endsWith('Exception'));
        if (name) context.report({ node, messageId: 'exception', data: { name } });
      }),
      // `import * as nest` brings them all in under another name.
      'ThrowStatement > NewExpression > MemberExpression.callee[property.name=/Exception$/]'(node) {
        context.report({ node, messageId: 'member' });
      },
    };
  },
};
