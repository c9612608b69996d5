// SPDX-License-Identifier: MIT
// The columns: how each tracker is switched on, in the process that is measured.
const KiB = 1024;

const tracemalloc = (options) => async () => (await import('../dist/index.js')).start(options);

// V8's own sampler, nothing of ours beside it.
const inspector = (samplingInterval) => async () => {
  const { Session } = await import('node:inspector');
  const session = new Session();
  session.connect();
  session.post('HeapProfiler.startSampling', { samplingInterval, stackDepth: 16 });
};

const datadog = (interval) => async () => {
  const { heap } = await import('@datadog/pprof');
  heap.start(interval, 16);
};

const intervals = { '512KiB': 512 * KiB, '64KiB': 64 * KiB, '8KiB': 8 * KiB, 1: 1 };

export const trackers = {
  none: async () => {},
  // The same again: what the machine's noise makes of no difference.
  'none (A/A)': async () => {},
};
for (const [name, interval] of Object.entries(intervals)) {
  trackers[`tracemalloc ${name}`] = tracemalloc({ sampleInterval: interval });
  trackers[`v8 sampler ${name}`] = inspector(interval);
  if (interval > 1) trackers[`datadog ${name}`] = datadog(interval);
}
