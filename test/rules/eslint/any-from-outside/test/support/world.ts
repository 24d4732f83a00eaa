export function load(text: string): string {
  const row = JSON.parse(text);
  return row.name;
}
