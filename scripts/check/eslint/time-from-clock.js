import { isGlobal, propertyName } from './globals.js';

const now = { messageId: 'clock' };

/** Whoever reads the system's time cannot be tested at another: time comes from the Clock. */
export default {
  meta: {
    type: 'problem',
    schema: [],
    messages: { clock: 'Ask the Clock (#clock) for the time, or take it as an argument.' },
  },
  create(context) {
    const isDate = (node) => node.type === 'Identifier' && node.name === 'Date' && isGlobal(context, node);
    return {
      NewExpression(node) {
        if (isDate(node.callee) && node.arguments.length === 0) context.report({ node, ...now });
      },
      CallExpression(node) {
        if (isDate(node.callee)) context.report({ node, ...now });
      },
      // Also as a value: `default: Date.now`.
      MemberExpression(node) {
        if (isDate(node.object) && propertyName(node) === 'now') context.report({ node, ...now });
      },
    };
  },
};
