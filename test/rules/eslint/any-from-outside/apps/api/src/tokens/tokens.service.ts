export function load(text: string): string {
  const row = JSON.parse(text); // refused: @typescript-eslint/no-unsafe-assignment
  row.rename('x'); // refused: @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access
  load(row); // refused: @typescript-eslint/no-unsafe-argument
  return row; // refused: @typescript-eslint/no-unsafe-return
}

export function parse(text: string): string {
  const row = JSON.parse(text) as { name: string };
  return row.name;
}
