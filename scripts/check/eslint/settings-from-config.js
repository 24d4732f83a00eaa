import { isGlobal, propertyName } from './globals.js';

const config = { messageId: 'config' };

/** A setting read in passing is neither validated nor documented: settings come from Config. */
export default {
  meta: {
    type: 'problem',
    schema: [],
    messages: { config: 'Read settings from Config (#config), never from process.env.' },
  },
  create(context) {
    const isProcess = (node) => node?.type === 'Identifier' && node.name === 'process' && isGlobal(context, node);
    return {
      MemberExpression(node) {
        if (isProcess(node.object) && propertyName(node) === 'env') context.report({ node, ...config });
      },
      VariableDeclarator(node) {
        if (isProcess(node.init) && node.id.type === 'ObjectPattern' && node.id.properties.some(isEnv)) context.report({ node, ...config });
      },
      ImportDeclaration(node) {
        if (/^(node:)?process$/.test(node.source.value)) context.report({ node, ...config });
      },
    };
  },
};

const isEnv = (property) => property.type === 'RestElement' || property.key.name === 'env' || property.key.value === 'env';
