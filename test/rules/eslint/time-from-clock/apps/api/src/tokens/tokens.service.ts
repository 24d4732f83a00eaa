export function times(): unknown[] {
  const first = new Date(); // refused: kiket/time-from-clock
  const second = Date.now(); // refused: kiket/time-from-clock
  const third = Date['now'](); // refused: kiket/time-from-clock
  const fourth = Date(); // refused: kiket/time-from-clock
  const later: () => number = Date.now; // refused: kiket/time-from-clock
  return [first, second, third, fourth, later];
}

export function parse(text: string, seconds: number): Date[] {
  return [new Date(text), new Date(seconds * 1000), new Date(Date.parse(text))];
}
