// SPDX-License-Identifier: MIT
// The rooms of src and native: what is in each, and what it may use. test/unit/rooms.test.ts checks
// every import and #include against this.
//
//   node scripts/rooms.mjs [--write]   prints the tables, or writes them into ARCHITECTURE.md
import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Rooms of TypeScript, each after those it uses: a folder of src, or a module beside them.
 * `packages` are third-party packages; Node's own modules may be used anywhere but in `page`.
 *
 * @type {readonly { name: string; what: string; uses: readonly string[]; packages?: readonly string[] }[]}
 */
export const SRC = [
  {
    name: 'text',
    what: 'sizes and names for display: invisible characters are escaped, in every text, page and log (the twin of `native/report/plain_text`); names and tables in Markdown; the result of a search for retainers, as texts and as the tree that the command, pages and reports show',
    uses: [],
  },
  {
    name: 'host',
    what: 'what only wraps Node: which thread this is, clocks and timers, call stacks, what all copies of the package share, work in slices between which the event loop turns, calls that must fail quietly',
    uses: [],
  },
  {
    name: 'errors',
    what: '`TracemallocError` and how values appear in messages',
    uses: ['text'],
  },
  {
    name: 'rules',
    what: 'types of options: which values are valid, in code and as text',
    uses: ['errors'],
  },
  {
    name: 'files',
    what: "file access: reads files that a dump, a server, a script or a source map names, by strict rules (`named-files`); reads source lines for display (`source-lines`); masks credentials in these and in arguments of commands (`argument-mask`); maps `file:` URLs to paths; writes files completely or not at all; finds the package's own files, also when its code is bundled into an application",
    uses: ['text', 'host', 'errors'],
  },
  {
    name: 'literals',
    what: "finds the positions of a function's literals for the addon (`native/v8/names/literal_placer`): the source's literals in V8's order (`order`), matched with the bytecodes (`align`)",
    uses: [],
    packages: ['acorn'],
  },
  {
    name: 'addon',
    what: "finds, checks and loads the addon; which binaries there are; the addon's type; V8's optimizations that blur lines, which are off while any thread traces",
    uses: ['host', 'errors', 'files', 'literals'],
  },
  {
    name: 'ledger',
    what: '`getMemoryLedger`: mappings, heaps and malloc sorted into rows beside RSS',
    uses: ['text', 'host', 'errors', 'addon'],
  },
  {
    name: 'traces',
    what: "the plain values of a snapshot: frames, tracebacks, traces (also as columns), and the snapshot's facts",
    uses: ['text', 'errors', 'files', 'ledger'],
  },
  {
    name: 'pprof',
    what: 'snapshots to and from pprof files',
    uses: ['text', 'errors', 'files', 'ledger', 'traces'],
    packages: ['pprof-format'],
  },
  {
    name: 'otlp',
    what: 'snapshots as OTLP profiles: a writer of protobuf, the shared tables, the messages',
    uses: ['pprof', 'traces'],
  },
  {
    name: 'snapshot',
    what: 'grouping, comparing, filtering, merging',
    uses: ['text', 'errors', 'files', 'traces', 'pprof'],
  },
  {
    name: 'options',
    what: 'the one table of options, with ranges and defaults, for the API, the environment, the command line and the endpoints',
    uses: ['rules', 'traces', 'snapshot'],
  },
  {
    name: 'labels',
    what: "labels of what the program is doing: their sets as numbers (`label-sets`), how the addon learns the number in force (`carriers`), `label` itself, and labels for HTTP servers' routes",
    uses: ['host', 'errors', 'files', 'addon', 'traces'],
  },
  {
    name: 'mirror',
    what: "applies the addon's batches (`wire`), each completely or not at all, to the tables of what is live; makes the traces that users see from their rows, through source maps",
    uses: ['host', 'errors', 'files', 'addon', 'labels', 'traces'],
    packages: ['@jridgewell/trace-mapping'],
  },
  {
    name: 'domains',
    what: "memory that the addon does not measure: `track` and `untrack`, and the row for what the buffer domain can't see; the bounded table of sites that TypeScript keeps itself",
    uses: ['host', 'errors', 'traces'],
  },
  {
    name: 'streams',
    what: "rows for the native state of zlib, brotli and zstd streams, once the application has loaded `node:zlib`: Node's objects behind the streams, how much memory one holds, how they are sampled, how their creation and closing are observed",
    uses: ['host', 'addon', 'traces', 'mirror', 'domains'],
  },
  {
    name: 'recorder',
    what: 'the interface `Recorder` of what records allocations, and its implementation by the addon',
    uses: [
      ...['host', 'errors', 'options', 'addon', 'labels', 'ledger', 'traces', 'mirror', 'domains'],
      'streams',
    ],
  },
  {
    name: 'inspector',
    what: "the `Recorder` without the addon, by Node's inspector: starts V8's sampler (`sampler`), reads it as rarely as its cost demands (`reading-budget`), makes the mirror's rows from the profile (`profile-rows`), infers the sizes of objects, which the profile lacks (`object-sizes`)",
    uses: ['host', 'errors', 'files', 'options', 'traces', 'mirror', 'recorder'],
  },
  { name: 'status', what: 'the result of `status()`', uses: ['traces', 'options', 'mirror'] },
  {
    name: 'session',
    what: 'the tracing session of this thread, shared by all copies of the package, and what other rooms need from it besides the public functions',
    uses: [
      ...['text', 'host', 'errors', 'files', 'options'],
      ...['traces', 'snapshot', 'domains', 'recorder'],
    ],
  },
  {
    name: 'tracer',
    what: 'the public functions for tracing',
    uses: [
      ...['host', 'errors', 'options', 'addon', 'ledger', 'traces', 'snapshot'],
      ...['labels', 'mirror', 'domains', 'recorder', 'session', 'status'],
    ],
  },
  {
    name: 'retainers',
    what: '`findRetainers`: chooses what is searched for (`matching`), repeats the search (`find`), and words the steps of the answer (`steps`)',
    uses: [
      ...['rules', 'text', 'host', 'errors', 'options', 'files'],
      ...['addon', 'traces', 'snapshot', 'session', 'tracer'],
    ],
  },
  {
    name: 'html',
    what: 'the HTML report: its data (`collect`) and its document; the live page: what changed since the last message (`live-tables`)',
    uses: ['text', 'files', 'ledger', 'traces', 'snapshot'],
  },
  {
    name: 'page',
    what: 'the code that runs in the browser, bundled by `scripts/build-page.mjs`',
    uses: ['text', 'traces', 'html'],
    packages: ['d3-flame-graph', 'd3-selection'],
  },
  {
    name: 'exporters',
    what: 'pure functions from a snapshot to other formats, one file each',
    uses: ['text', 'errors', 'files', 'traces', 'pprof', 'otlp', 'snapshot', 'html'],
  },
  {
    name: 'report',
    what: 'a report ([its fields](docs/report.md)): sites, suspects, the ledger, and the process; the report as a line of a log, as text, and as Markdown',
    uses: ['text', 'host', 'files', 'ledger', 'traces', 'snapshot'],
  },
  {
    name: 'service',
    what: "tracing as part of a service: environment variables; which programs only start others, so that they do not trace; workers that Node does not preload into; `watch`, on which everything periodic is built; reports to a log; signals; requests between threads; the process's exit",
    uses: [
      ...['rules', 'text', 'host', 'errors', 'options', 'files'],
      ...['addon', 'ledger', 'traces', 'pprof'],
      ...['snapshot', 'status', 'session', 'tracer', 'retainers', 'report'],
    ],
  },
  {
    name: 'http',
    what: 'the HTTP endpoints: profiles, reports, what holds the objects of a line, the live page; access control',
    uses: [
      ...['rules', 'text', 'host', 'errors', 'options', 'files', 'traces'],
      ...['pprof', 'snapshot', 'session', 'tracer', 'retainers', 'html'],
      ...['report', 'service'],
    ],
  },
  {
    name: 'attached',
    what: 'runs in a process that the command attached to: its socket, its lease, its workers; `protocol` is what both sides agree on',
    uses: ['text', 'host', 'errors', 'options', 'files', 'tracer', 'service', 'http'],
  },
  {
    name: 'processes',
    what: 'reads in /proc what the kernel says about other processes: state, sockets, whether they run Node, what handles SIGUSR1',
    uses: [],
  },
  {
    name: 'attach',
    what: "the command's side of attaching: which processes may be attached to (`target`), the inspector, the code that is injected through it, and closing it whatever happens",
    uses: ['host', 'files', 'addon', 'attached', 'processes'],
    packages: ['ws'],
  },
  {
    name: 'push',
    what: 'sends profiles to Pyroscope or an OpenTelemetry collector at an interval',
    uses: [
      ...['rules', 'text', 'host', 'errors', 'options', 'files', 'traces'],
      ...['pprof', 'otlp', 'snapshot', 'service'],
    ],
  },
  {
    name: 'metrics',
    what: 'gauges for prom-client and OpenTelemetry, which the application provides',
    uses: ['rules', 'options', 'snapshot', 'tracer', 'report', 'service'],
    packages: ['prom-client', '@opentelemetry/api'],
  },
  {
    name: 'cli',
    what: 'the command line: a table of options per command, a file per command',
    uses: [
      ...['options', 'host', 'text', 'errors', 'files', 'addon', 'ledger'],
      ...['traces', 'pprof', 'snapshot', 'status', 'tracer', 'retainers'],
      ...['html', 'exporters', 'report', 'service', 'http'],
      ...['attached', 'processes', 'attach'],
    ],
    packages: [
      'string-width',
      ...['server/index.js', 'server/stdio.js', 'types.js'].map(
        (module) => `@modelcontextprotocol/sdk/${module}`,
      ),
    ],
  },
  {
    name: 'late',
    what: 'public functions that many programs never call; each loads its module at the first call',
    uses: ['retainers', 'report', 'service', 'http', 'push'],
  },
  {
    name: 'testing',
    what: '`tracemalloc/testing`: runs the bodies of tests while tracing, one at a time, with forced garbage collections (`session`, `collection`), and decides whether memory grows from run to run (`growth-window`)',
    uses: [
      ...['rules', 'text', 'host', 'errors', 'options', 'files'],
      ...['traces', 'snapshot', 'session', 'tracer', 'report', 'late'],
    ],
  },
  {
    name: 'api',
    what: 'what the package exports',
    uses: [
      ...['text', 'errors', 'options', 'files', 'labels', 'ledger', 'traces', 'snapshot', 'status'],
      ...['tracer', 'retainers', 'report', 'service', 'http', 'push', 'late'],
    ],
  },
  {
    name: 'index',
    what: 'the same exports as `api`, and all of them as the default export',
    uses: ['api'],
  },
  {
    name: 'register',
    what: 'loads `service/begin` only where tracing is wanted',
    uses: ['service'],
  },
];

/**
 * Loads modules of any room when they are first needed; a room that uses it needs them no earlier.
 */
export const LATE_PARTS = 'late-parts';

/**
 * Rooms of C++, each after those it uses; for a room within another the longer name counts.
 * Besides rooms, `std` means headers of C++, `system` those of the system, `engine` V8's, `node`
 * Node's and Node-API's, `node version` Node's version numbers.
 *
 * @type {readonly { name: string; what: string; uses: readonly string[] }[]}
 */
export const NATIVE = [
  {
    name: 'core',
    what: 'estimation, interning, counters, the wire batch',
    uses: ['std'],
  },
  {
    name: 'report',
    what: 'the last report and profile of a process that is out of memory, without JavaScript, within a fixed buffer',
    uses: ['std', 'core'],
  },
  {
    name: 'process',
    what: "memory of the whole process: malloc's figures, resident pages, sizes of all tracing heaps, limits",
    uses: ['std', 'system'],
  },
  {
    name: 'layout/machine',
    what: 'declarations of what differs between architectures, and of what their machine code shows',
    uses: ['std'],
  },
  {
    name: 'layout/x64',
    what: 'decodes x64 instructions',
    uses: ['std', 'layout/machine'],
  },
  {
    name: 'layout/arm64',
    what: 'decodes arm64 instructions; the build compiles the room of its architecture only',
    uses: ['std', 'layout/machine'],
  },
  {
    name: 'layout',
    what: "the layout of V8's objects, as tables by version, the code that reads by them, and sizes of objects. No room of layout includes a header of V8",
    uses: ['std', 'system', 'core', 'layout/machine'],
  },
  {
    name: 'layout/bytecode',
    what: 'a function: its bytecodes, what they may allocate, and where they are in the source',
    uses: ['std', 'core', 'layout'],
  },
  {
    name: 'layout/frames',
    what: 'from a machine frame to its tier, its functions, their positions, and whether these are exact: `frame_reader` decides, with one file for each way in which a tier hides positions',
    uses: ['std', 'system', 'core', 'layout', 'layout/machine', 'layout/bytecode'],
  },
  {
    name: 'layout/verdicts',
    what: 'what an object shows about the place of its allocation: `place_judge` decides',
    uses: ['std', 'layout', 'layout/bytecode', 'layout/frames'],
  },
  {
    name: 'retainers',
    what: 'what holds an object: searches the words of the heap, from the object upwards, on any thread; confirms what it found, and names the steps, by reading memory only',
    uses: ['std', 'core', 'process', 'layout', 'layout/bytecode'],
  },
  {
    name: 'v8',
    what: "the interface of the engines, and V8's flags, which all threads of the process share",
    uses: ['std', 'system', 'engine', 'core', 'layout'],
  },
  {
    name: 'v8/names',
    what: 'names, lines and columns of new frames; types of objects',
    uses: ['std', 'engine', 'node version', 'core', 'layout', 'layout/bytecode', 'v8'],
  },
  {
    name: 'v8/labels',
    what: 'the labels of an allocation, read from the asynchronous context without a call into V8',
    uses: ['std', 'engine', 'node version', 'core', 'layout', 'v8/names'],
  },
  {
    name: 'v8/walker',
    what: 'the stack walk and its gates (checks that must pass before it is used)',
    uses: [
      ...['std', 'engine', 'node version'],
      ...['core', 'layout', 'layout/bytecode', 'layout/frames', 'layout/verdicts'],
      ...['v8', 'v8/names'],
    ],
  },
  {
    name: 'v8/heap',
    what: "the engines that sample V8's heap, and the callback near its limit",
    uses: [
      ...['std', 'system', 'engine'],
      ...['core', 'report', 'process', 'layout', 'layout/frames'],
      ...['v8', 'v8/names', 'v8/labels', 'v8/walker'],
    ],
  },
  {
    name: 'v8/buffers',
    what: 'memory that Buffers and ArrayBuffers hold outside the heap',
    uses: [
      ...['std', 'system', 'engine', 'core', 'layout', 'layout/machine'],
      ...['v8', 'v8/labels', 'v8/walker'],
    ],
  },
  {
    name: 'tracer',
    what: 'one per environment: chooses the engine, owns the tables',
    uses: [
      ...['std', 'engine', 'node version', 'core'],
      ...['v8', 'v8/names', 'v8/labels', 'v8/walker', 'v8/heap', 'v8/buffers'],
    ],
  },
  {
    name: 'napi',
    what: 'converts arguments and results between JavaScript and C++, by node-addon-api; functions for the whole process',
    uses: [
      ...['std', 'system', 'engine', 'node', 'node version'],
      ...['core', 'report', 'process', 'layout', 'retainers', 'v8', 'v8/names'],
    ],
  },
  {
    name: 'addon',
    what: 'the boundary to JavaScript: what is exported',
    uses: ['std', 'engine', 'node', 'v8/names', 'v8/labels', 'tracer', 'napi'],
  },
];

const HEADERS = ['std', 'system', 'engine', 'node', 'node version'];
const NAMES = {
  std: 'the standard library',
  system: 'the system',
  engine: 'V8',
  node: 'node-addon-api and Node',
  'node version': "Node's version",
};

function table(folder, rooms) {
  const rows = rooms.map(({ name, what, uses, packages = [] }) => {
    const others = [
      ...uses.filter((use) => !HEADERS.includes(use)),
      ...uses.filter((use) => HEADERS.includes(use)).map((use) => NAMES[use]),
      ...packages.map((each) => `\`${each}\``),
    ];
    return `| \`${folder}/${name}\` | ${what} | ${others.join(', ')} |`;
  });
  return ['| where | what | may use |', '|---|---|---|', ...rows].join('\n');
}

/** Both tables, in Markdown. */
export const TABLES = `${table('native', NATIVE)}\n\n${table('src', SRC)}`;

const ARCHITECTURE = new URL('../ARCHITECTURE.md', import.meta.url);
const [BEGIN, END] = ['<!-- rooms: node scripts/rooms.mjs --write -->', '<!-- end of rooms -->'];

/** The tables that ARCHITECTURE.md has now. */
export function written() {
  const text = readFileSync(ARCHITECTURE, 'utf8');
  return text.slice(text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)).trim();
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  if (process.argv[2] === '--write') {
    const text = readFileSync(ARCHITECTURE, 'utf8');
    const [before, after] = [text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)];
    writeFileSync(ARCHITECTURE, `${text.slice(0, before)}\n${TABLES}\n${text.slice(after)}`);
  } else {
    console.log(TABLES);
  }
}
