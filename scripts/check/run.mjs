import { join } from 'node:path';
import { steps } from './steps.mjs';

const root = join(import.meta.dirname, '../..');
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in steps));
if (unknown.length > 0) {
  console.error(`There is no step ${unknown.join(', ')}. Steps: ${Object.keys(steps).join(', ')}`);
  process.exit(2);
}

const passed = [];
const failed = [];
for (const [name, step] of Object.entries(steps)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const begin = performance.now();
  const findings = await judge(step);
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  console.log(findings.length === 0 ? `ok      ${name} (${seconds} s)` : `FAILED  ${name} (${seconds} s)`);
  for (const finding of findings) console.log(`        ${finding}`);
  (findings.length === 0 ? passed : failed).push(name);
}

if (failed.length > 0) console.log(`\nFailed: ${failed.join(', ')}`);
console.log(`\nSteps: ${failed.length} failed, ${passed.length} passed, ${failed.length + passed.length} total`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** A step that breaks has judged nothing: that is a finding too. */
async function judge(step) {
  try {
    return await step(root);
  } catch (error) {
    return [error.stack];
  }
}
