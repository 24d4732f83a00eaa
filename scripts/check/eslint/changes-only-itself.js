const LITERALS = new Set(['ObjectExpression', 'ArrayExpression']);
const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression', 'Program']);
const WRITERS = new Set(['assign', 'defineProperty', 'defineProperties', 'setPrototypeOf']);

/**
 * In the domain an object changes only itself: `this.x =`. What a function has just made, by a literal or
 * by `new` of the class it stands in (a factory), is still its own to fill.
 */
export default {
  meta: {
    type: 'problem',
    schema: [],
    messages: { foreign: "Only an object itself changes its state: give it a method of the domain's verb." },
  },
  create(context) {
    const refuseForeign = (target) => {
      const owner = root(target);
      if (owner.type === 'ThisExpression' || isOwnNews(owner)) return;
      context.report({ node: target, messageId: 'foreign' });
    };

    /** A local that was born in this function; a module's own state outlives its functions and is not. */
    const isOwnNews = (node) => {
      if (node.type !== 'Identifier') return isFresh(node, node);
      const variable = lookUp(context.sourceCode.getScope(node), node.name);
      const definition = variable?.defs[0];
      return (
        definition?.type === 'Variable' &&
        isFresh(definition.node.init, node) &&
        (homeOf(definition.node).type !== 'Program' || homeOf(node).type === 'Program')
      );
    };

    const checkTargets = (pattern) => targetsOf(pattern).filter((target) => target.type === 'MemberExpression').forEach(refuseForeign);

    return {
      AssignmentExpression: (node) => checkTargets(node.left),
      UpdateExpression: (node) => checkTargets(node.argument),
      ForInStatement: (node) => checkTargets(node.left),
      ForOfStatement: (node) => checkTargets(node.left),
      'UnaryExpression[operator="delete"]': (node) => checkTargets(node.argument),
      CallExpression(node) {
        const { callee, arguments: [target] } = node;
        const writes = callee.type === 'MemberExpression' && /^(Object|Reflect)$/.test(callee.object.name) && WRITERS.has(callee.property.name);
        if (writes && target !== undefined) refuseForeign(target);
      },
    };
  },
};

function isFresh(made, user) {
  const value = bare(made);
  if (value == null) return false;
  if (LITERALS.has(value.type)) return true;
  if (value.type === 'NewExpression') return value.callee.name !== undefined && value.callee.name === classAround(user)?.id?.name;
  // `Object.assign(new Token(), …)` answers what it was given.
  return value.type === 'CallExpression' && value.callee.property?.name === 'assign' && isFresh(value.arguments[0], user);
}

/** The object at the bottom of `a.b.c`, assertions taken off. */
function root(node) {
  let inner = bare(node);
  while (inner.type === 'MemberExpression') inner = bare(inner.object);
  return inner;
}

function bare(node) {
  let inner = node;
  while (inner != null && /^(TS(NonNull|As|Satisfies|TypeAssertion)\w*|ChainExpression)$/.test(inner.type)) inner = inner.expression;
  return inner;
}

/** What an assignment writes to, patterns taken apart. */
function targetsOf(node) {
  const inner = bare(node);
  switch (inner?.type) {
    case 'ArrayPattern':
      return inner.elements.flatMap(targetsOf);
    case 'ObjectPattern':
      return inner.properties.flatMap((property) => targetsOf(property.value ?? property.argument));
    case 'AssignmentPattern':
      return targetsOf(inner.left);
    case 'RestElement':
      return targetsOf(inner.argument);
    case undefined:
      return [];
    default:
      return [inner];
  }
}

function lookUp(scope, name) {
  return scope === null ? undefined : (scope.set.get(name) ?? lookUp(scope.upper, name));
}

function homeOf(node) {
  return FUNCTIONS.has(node.type) ? node : homeOf(node.parent);
}

function classAround(node) {
  if (node == null) return undefined;
  return /^Class(Declaration|Expression)$/.test(node.type) ? node : classAround(node.parent);
}
