/** Waits until something holds, looking again every few milliseconds; how long it took. @throws after `seconds` */
export async function until(holds: () => boolean | Promise<boolean>, seconds = 20): Promise<number> {
  const begun = performance.now();
  while (!(await holds())) {
    if (performance.now() - begun > seconds * 1000) throw new Error(`it did not come to pass within ${seconds} seconds`);
    await pause(10);
  }
  return performance.now() - begun;
}

export async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** For the reader of the test's output, not for a verdict. */
export function report(line: string): void {
  process.stderr.write(`      ${line}\n`);
}
