async function send(): Promise<boolean> {
  return await Promise.resolve(true);
}

export async function forgetful(): Promise<void> {
  send(); // refused: @typescript-eslint/no-floating-promises
  await send();
  void send();
}

export async function credulous(names: readonly string[]): Promise<void> {
  names.forEach(async () => { // refused: @typescript-eslint/no-misused-promises
    await send();
  });
  await Promise.all(names.map(async () => send()));
}

export async function idle(): Promise<number> {
  const one = await 1; // refused: @typescript-eslint/await-thenable
  return one;
}

export async function blind(): Promise<boolean> {
  try {
    return send(); // refused: @typescript-eslint/return-await
  } catch {
    return false;
  }
}
