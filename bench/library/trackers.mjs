// SPDX-License-Identifier: MIT
// The columns: how each tracker is switched on in the measured process, by flags of Node or by a
// call, and how its profile is read. `interval` is undefined if there is none.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ofPprof, ofProtocol, rowsOfTree } from './attribution.mjs';

const KiB = 1024;
const FRAMES = 16;

// google pprof is compiled at installation, into its own directory (BENCH_PEERS), for one Node.
const requireHere = createRequire(import.meta.url);
const requirePeer = createRequire(`${process.env.BENCH_PEERS ?? import.meta.dirname}/bench.js`);
const packageOf = (name) => (name === 'pprof' ? requirePeer(name) : requireHere(name));

const none = () => ({ start: async () => {} });

const ofFrame = ({ filename, lineno, approximate }) => ({
  url: filename,
  line: lineno,
  approximate,
});

const tracemallocIn = (checkout) => (interval, options) => {
  let package_;
  return {
    start: async () => {
      package_ = await import(pathToFileURL(join(checkout, 'dist/index.js')).href);
      package_.start({ sampleInterval: interval, tracebackLimit: FRAMES, ...options });
    },
    read: async () =>
      package_.takeSnapshot().traces.map(({ traceback, size, variance }) => ({
        frames: traceback.frames.map(ofFrame).reverse(),
        bytes: size,
        variance,
      })),
  };
};

// V8's own sampler, without our code.
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
        heap = packageOf(packageName).heap;
        heap.start(interval, FRAMES);
      },
      read: async () => rowsOfTree(heap.v8Profile(), ofPprof),
    };
  };
}

// Written when the process ends, so the bench reads it.
const heapProf = (interval) => ({
  flags: (directory) => [
    '--heap-prof',
    `--heap-prof-interval=${interval}`,
    `--heap-prof-dir=${directory}`,
  ],
  start: async () => {},
  readFile: (path) => rowsOfTree(JSON.parse(readFileSync(path, 'utf8')).head, ofProtocol),
});

// Reading a profile ends it: a new one is started, which does not know earlier objects.
function startHeapProfile(interval) {
  let begin;
  let handle;
  return {
    start: async () => {
      const v8 = await import('node:v8');
      if (!v8.startHeapProfile)
        throw new Error(`Node ${process.version} has no v8.startHeapProfile`);
      begin = () => v8.startHeapProfile({ sampleInterval: interval, stackDepth: FRAMES });
      handle = begin();
    },
    read: async () => {
      const profile = handle.stop();
      handle = begin();
      return rowsOfTree(JSON.parse(profile).head, ofProtocol);
    },
  };
}

// Like the comparison in DevTools: bytes by class, without any lines.
function heapSnapshots() {
  let before;
  const bytesByClass = async () => {
    const { getHeapSnapshot } = await import('node:v8');
    const { json } = await import('node:stream/consumers');
    const { snapshot, nodes, strings } = await json(getHeapSnapshot());
    const fields = snapshot.meta.node_fields;
    const [kinds] = snapshot.meta.node_types;
    const [kind, name, size] = ['type', 'name', 'self_size'].map((field) => fields.indexOf(field));
    const bytes = new Map();
    for (let i = 0; i < nodes.length; i += fields.length) {
      const type = kinds[nodes[i + kind]];
      const key = type === 'object' ? strings[nodes[i + name]] : type;
      bytes.set(key, (bytes.get(key) ?? 0) + nodes[i + size]);
    }
    return bytes;
  };
  return {
    start: async () => {
      before = await bytesByClass();
    },
    read: async () =>
      [...(await bytesByClass())].map(([key, bytes]) => ({
        frames: [{ url: `class ${key}`, line: 0 }],
        bytes: Math.max(0, bytes - (before.get(key) ?? 0)),
      })),
  };
}

const kinds = {
  tracemalloc: tracemallocIn(join(import.meta.dirname, '../..')),
  'node:inspector': inspector,
  '@datadog/pprof': pprof('@datadog/pprof'),
  'google pprof': pprof('pprof'),
  '--heap-prof': heapProf,
  'v8.startHeapProfile': startHeapProfile,
};
// Another built checkout, to compare the code before a change with the code after it.
const before = process.env.BENCH_BEFORE;
if (before !== undefined) kinds.before = tracemallocIn(resolve(before));

const intervals = {
  auto: 'auto',
  '512 KiB': 512 * KiB,
  '64 KiB': 64 * KiB,
  '8 KiB': 8 * KiB,
  exact: 1,
};

/** By name: { tracker, interval, bytes, create }. */
export const trackers = {
  none: { tracker: 'none', create: none },
  // The same again: shows the machine's noise.
  'A/A': { tracker: 'A/A', create: none },
  'heap snapshots': { tracker: 'heap snapshots', create: heapSnapshots },
};
for (const [interval, bytes] of Object.entries(intervals)) {
  for (const [tracker, make] of Object.entries(kinds)) {
    // The other trackers use V8's sampler, too.
    if (bytes === 1 && !['tracemalloc', 'node:inspector'].includes(tracker)) continue;
    if (bytes === 'auto' && !['tracemalloc', 'before'].includes(tracker)) continue;
    trackers[`${tracker} ${interval}`] = { tracker, interval, bytes, create: () => make(bytes) };
  }
}

trackers['tracemalloc routes'] = {
  ...trackers['tracemalloc auto'],
  interval: 'routes',
  create: () => kinds.tracemalloc('auto', { routes: true }),
};

/** Why this tracker can't run here, or undefined. */
export async function whyNot(name) {
  const { tracker } = trackers[name];
  const v8 = await import('node:v8');
  if (tracker === 'v8.startHeapProfile' && !v8.startHeapProfile) return 'not in this Node';
  if (tracker !== 'google pprof') return undefined;
  try {
    packageOf('pprof');
    return undefined;
  } catch (error) {
    return error.code === 'MODULE_NOT_FOUND' ? 'not installed' : 'not built for this Node';
  }
}
