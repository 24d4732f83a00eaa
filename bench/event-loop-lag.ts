import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 10;
const NANOSECONDS = 1e6;

/** Loaded before a server: says at its end how late its event loop was from the first request on. */
const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
const { subscribe, unsubscribe } = await import('node:diagnostics_channel');
const CHANNEL = 'http.server.request.start';
const begin = (): void => {
  unsubscribe(CHANNEL, begin);
  delays.enable();
};
subscribe(CHANNEL, begin);

// What is measured is the pause between two turns of a timer.
const late = (percentile: number) => Math.max(0, delays.percentile(percentile) / NANOSECONDS - RESOLUTION_MS).toFixed(1);
process.once('exit', () => console.error(`event loop lag              p50 ${late(50)} ms   p99 ${late(99)} ms   max ${late(100)} ms`));
