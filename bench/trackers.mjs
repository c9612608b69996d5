// SPDX-License-Identifier: MIT
// The columns: how each tracker is switched on in the process that is measured, by flags of Node or by
// a call, and how its profile is read. `interval` is undefined where there is none.
import { readFileSync } from 'node:fs';
import { ofPprof, ofProtocol, rowsOfTree } from './attribution.mjs';

const KiB = 1024;
const FRAMES = 16;

const none = () => ({ start: async () => {} });

const ofFrame = ({ filename, lineno, approximate }) => ({
  url: filename,
  line: lineno,
  approximate,
});

function tracemalloc(interval) {
  let package_;
  return {
    start: async () => {
      package_ = await import('../dist/index.js');
      package_.start({ sampleInterval: interval, tracebackLimit: FRAMES });
    },
    read: async () =>
      package_.takeSnapshot().traces.map(({ traceback, size, variance }) => ({
        frames: traceback.frames.map(ofFrame).reverse(),
        bytes: size,
        variance,
      })),
  };
}

// V8's own sampler, nothing of ours beside it.
function inspector(interval) {
  let session;
  return {
    start: async () => {
      const { Session } = await import('node:inspector/promises');
      session = new Session();
      session.connect();
      await session.post('HeapProfiler.startSampling', {
        samplingInterval: interval,
        stackDepth: FRAMES,
      });
    },
    read: async () => {
      const { profile } = await session.post('HeapProfiler.getSamplingProfile');
      return rowsOfTree(profile.head, ofProtocol);
    },
  };
}

function pprof(packageName) {
  return (interval) => {
    let heap;
    return {
      start: async () => {
        const imported = await import(packageName);
        heap = imported.heap ?? imported.default.heap;
        heap.start(interval, FRAMES);
      },
      read: async () => rowsOfTree(heap.v8Profile(), ofPprof),
    };
  };
}

// Written when the process ends, so that the bench reads it.
const heapProf = (interval) => ({
  flags: (directory) => [
    '--heap-prof',
    `--heap-prof-interval=${interval}`,
    `--heap-prof-dir=${directory}`,
  ],
  start: async () => {},
  readFile: (path) => rowsOfTree(JSON.parse(readFileSync(path, 'utf8')).head, ofProtocol),
});

function startHeapProfile(interval) {
  let handle;
  return {
    start: async () => {
      const v8 = await import('node:v8');
      if (!v8.startHeapProfile)
        throw new Error(`Node ${process.version} has no v8.startHeapProfile`);
      handle = v8.startHeapProfile({ sampleInterval: interval, stackDepth: FRAMES });
    },
    read: async () => rowsOfTree(JSON.parse(handle.stop()).head, ofProtocol),
  };
}

const kinds = {
  tracemalloc,
  'node:inspector': inspector,
  '@datadog/pprof': pprof('@datadog/pprof'),
  'google pprof': pprof('pprof'),
  '--heap-prof': heapProf,
  'v8.startHeapProfile': startHeapProfile,
};
const intervals = { '512 KiB': 512 * KiB, '64 KiB': 64 * KiB, '8 KiB': 8 * KiB, exact: 1 };

/** By name: { tracker, interval, create }. */
export const trackers = {
  none: { tracker: 'none', create: none },
  // The same again: what the machine's noise makes of no difference.
  'A/A': { tracker: 'A/A', create: none },
};
for (const [interval, bytes] of Object.entries(intervals)) {
  for (const [tracker, make] of Object.entries(kinds)) {
    // Their weights are those of sampling: at one byte they lose the point, and most of the speed.
    if (bytes === 1 && !['tracemalloc', 'node:inspector'].includes(tracker)) continue;
    trackers[`${tracker} ${interval}`] = { tracker, interval, create: () => make(bytes) };
  }
}

const packages = { '@datadog/pprof': '@datadog/pprof', 'google pprof': 'pprof' };

/** Why this tracker can't run here, or undefined. */
export async function whyNot(name) {
  const { tracker } = trackers[name];
  if (
    tracker === 'v8.startHeapProfile' &&
    !('startHeapProfile' in (await import('node:v8')).default)
  )
    return `Node ${process.version} does not have it`;
  const package_ = packages[tracker];
  if (package_ === undefined) return undefined;
  try {
    await import(package_);
    return undefined;
  } catch (error) {
    const reason = error.code === 'ERR_MODULE_NOT_FOUND' ? 'not installed' : error.message;
    return `${reason.split('\n')[0]} (npm install --no-save ${package_})`;
  }
}
