export function speak(): void {
  console.log('here'); // refused: no-console
}
