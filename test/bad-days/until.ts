/** Waits until something holds, looking again every few milliseconds; how long it took. @throws after `seconds` */
export async function until(holds: () => boolean | Promise<boolean>, seconds = 60): Promise<number> {
  const begun = performance.now();
  while (!(await holds())) {
    if (performance.now() - begun > seconds * 1000) throw new Error(`it did not come to pass within ${seconds} seconds`);
    await pause(10);
  }
  return performance.now() - begun;
}

/** Once, or twice of three times: what has to end within seconds depends on the machine too. */
export async function mostly(attempt: () => Promise<void>): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    report(`failed once, and must hold twice now: ${String(error).slice(0, 300)}`);
    await attempt();
    await attempt();
  }
}

/** What each try took, in milliseconds. @throws where it mostly takes longer than `limitMs` */
export async function within(limitMs: number, attempt: () => Promise<number>): Promise<number[]> {
  const took: number[] = [];
  await mostly(async () => {
    const ms = await attempt();
    took.push(ms);
    if (ms >= limitMs) throw new Error(`it took ${Math.round(ms)} ms, and may take ${limitMs}`);
  });
  return took;
}

export async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** For the reader of the test's output, not for a verdict. */
export function report(line: string): void {
  process.stderr.write(`      ${line}\n`);
}
