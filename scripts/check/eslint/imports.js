/** Visits each import, re-export, `import()` and `require()` of a literal: `visit(node, source, names)`, names as exported by the other side. */
export function onImport(visit) {
  const literal = (node) => (node?.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined);
  const report = (node, source, names = []) => {
    const text = literal(source);
    if (text !== undefined) visit(node, text, names);
  };
  return {
    ImportDeclaration: (node) =>
      report(node, node.source, node.specifiers.map((specifier) => specifier.imported?.name ?? specifier.imported?.value).filter(Boolean)),
    ExportNamedDeclaration: (node) =>
      report(node, node.source, node.specifiers.map((specifier) => specifier.local.name ?? specifier.local.value)),
    ExportAllDeclaration: (node) => report(node, node.source),
    ImportExpression: (node) => report(node, node.source),
    TSImportEqualsDeclaration: (node) => report(node, node.moduleReference.expression),
    CallExpression: (node) => {
      if (node.callee.type === 'Identifier' && node.callee.name === 'require') report(node, node.arguments[0]);
    },
  };
}
