export function compare(a: unknown, b: unknown): boolean {
  if (a == null) return false;
  if (a === a) return true; // refused: no-self-compare
  return a == b; // refused: eqeqeq
}

export function declare(): number {
  var old = 1; // refused: no-var
  let fixed = 2; // refused: prefer-const
  let moving = 3;
  moving += fixed;
  return old + moving;
}

export function print(name: string): string {
  return `Hello ${name}` + '${name}'; // refused: no-template-curly-in-string
}

export function stop(): void {
  debugger; // refused: no-debugger
  eval('1'); // refused: no-eval
  if (true) return; // refused: no-constant-condition
}

export function attempt(work: () => number): number {
  try { // refused: no-useless-catch
    return work();
  } catch (error) {
    throw error;
  }
}

export function conceal(work: () => number): number {
  try {
    return work();
  } finally {
    return 0; // refused: no-unsafe-finally
  }
}
