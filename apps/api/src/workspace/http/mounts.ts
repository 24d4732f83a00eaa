/** Where a resource is served: to everybody, and under the address that extensions' clients know. */
export function mounts(path: string): string[] {
  return [`api/v1/${path}`, `api/v1/ext/${path}`];
}
