export function speak(): void {
  console.error('here'); // refused: no-console
}
