type State = 'active' | 'revoked';

export function anything(value: any): unknown { // refused: @typescript-eslint/no-explicit-any
  return value;
}

export function partly(state: State): number | undefined {
  switch (state) { // refused: @typescript-eslint/switch-exhaustiveness-check
    case 'active':
      return 1;
  }
  return undefined;
}

export function wholly(state: State): number {
  switch (state) {
    case 'active':
      return 1;
    case 'revoked':
      return 2;
  }
}

export function spare(used: string, left: string): string { // refused: @typescript-eslint/no-unused-vars
  const alone = 1; // refused: @typescript-eslint/no-unused-vars
  for (const _ of used) continue;
  return used;
}

export function demanded(_used: string, token: { secret: string; name: string }): object {
  const { secret, ...shown } = token;
  return shown;
}

export function refuse(broken: boolean): never {
  if (broken) throw new Error('broken');
  throw 'broken'; // refused: @typescript-eslint/only-throw-error
}
