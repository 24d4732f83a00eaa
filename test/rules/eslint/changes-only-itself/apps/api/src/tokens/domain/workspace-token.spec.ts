export function load(row: { name: string }): void {
  row.name = 'storage fills what it loads';
}
