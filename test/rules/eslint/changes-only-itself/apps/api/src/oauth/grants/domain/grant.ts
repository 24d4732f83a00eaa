export function widen(grant: { scopes: string[] }): void {
  grant.scopes = []; // refused: kiket/changes-only-itself
}
