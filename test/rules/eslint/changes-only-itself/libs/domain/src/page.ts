export function shift(page: { number: number }): void {
  page.number = 1; // refused: kiket/changes-only-itself
}
