/** What was sent, null included: a field that was left out is no change. */
export function sent<Changes extends object>(fields: { readonly [Name in keyof Changes]: Changes[Name] | undefined }): Partial<Changes> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Changes>;
}
