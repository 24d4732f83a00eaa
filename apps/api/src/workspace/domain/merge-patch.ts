export type JsonObject = Readonly<Record<string, unknown>>;

/** Merges key by key, objects within objects too; null removes a key, and whatever else stands there is replaced (RFC 7396 §2). */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const merged = new Map(Object.entries(target));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, isObject(value) ? mergePatch(objectOrNone(merged.get(key)), value) : value);
  }
  return Object.fromEntries(merged);
}

function objectOrNone(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
