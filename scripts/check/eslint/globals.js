/** Whether an identifier means the runtime's own object of that name, not a local one. */
export function isGlobal(context, identifier) {
  for (let scope = context.sourceCode.getScope(identifier); scope !== null; scope = scope.upper) {
    const variable = scope.set.get(identifier.name);
    if (variable !== undefined) return variable.defs.length === 0;
  }
  return true;
}

/** The name of a property, where it can be read: `a.b`, `a['b']`. */
export function propertyName({ property, computed }) {
  if (!computed) return property.name;
  return property.type === 'Literal' ? String(property.value) : undefined;
}
