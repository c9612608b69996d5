// SPDX-License-Identifier: MIT
// The rooms of src and native: what is in each, and what it may use. test/unit/rooms.test.ts holds
// every import and #include against it.
//
//   node scripts/rooms.mjs [--write]   prints the tables, or writes them into ARCHITECTURE.md
import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Rooms of TypeScript, each after those it uses: a folder of src, or a module beside them.
 * `packages` are those of others; Node's own modules may be used anywhere but in `page`.
 *
 * @type {readonly { name: string; what: string; uses: readonly string[]; packages?: readonly string[] }[]}
 */
export const SRC = [
  {
    name: 'text',
    what: "sizes and names as people may see them: what can't be seen is escaped, in every text, page and log; the twin of `native/report/plain_text`",
    uses: [],
  },
  {
    name: 'host',
    what: 'Node, nothing of ours: which thread this is, clocks and timers, stacks of calls, work in slices between which the event loop turns, what must fail quietly',
    uses: [],
  },
  {
    name: 'errors',
    what: '`TracemallocError` and how values are told in messages',
    uses: ['text'],
  },
  {
    name: 'rules',
    what: 'kinds of options: what a value is, as a program gives it and as people write it',
    uses: ['errors'],
  },
  {
    name: 'files',
    what: "which files are read, and by which rules: those that a dump, a server, a script or a map names (`named-files`), shown lines of them (`source-lines`) with credentials masked; files that appear whole or not at all; where the package's own lie",
    uses: ['text', 'errors'],
  },
  {
    name: 'literals',
    what: "where the literals of a function are, when the addon asks (`native/v8/names/literal_placer`): the source's literals in V8's order (`order`), compared with the bytecodes (`align`)",
    uses: [],
    packages: ['acorn'],
  },
  {
    name: 'addon',
    what: "finds, checks and loads the addon; the binaries, in the form bundlers see; its type; V8's optimizations that blur lines, off while any thread traces",
    uses: ['errors', 'literals'],
  },
  {
    name: 'ledger',
    what: '`getMemoryLedger`: mappings, heaps and malloc sorted into rows beside RSS',
    uses: ['text', 'host', 'errors', 'addon'],
  },
  {
    name: 'traces',
    what: 'plain values that a snapshot consists of: frames, tracebacks, traces, also by columns, and facts',
    uses: ['text', 'errors', 'files', 'ledger'],
  },
  {
    name: 'pprof',
    what: 'snapshots as pprof files, both ways',
    uses: ['text', 'errors', 'files', 'ledger', 'traces'],
    packages: ['pprof-format'],
  },
  {
    name: 'snapshot',
    what: 'grouping, comparing, filtering, merging',
    uses: ['text', 'errors', 'traces', 'pprof'],
  },
  {
    name: 'options',
    what: 'the one table of options: ranges and defaults, which the API, the environment, the command line and endpoints go by',
    uses: ['rules', 'snapshot'],
  },
  {
    name: 'mirror',
    what: 'batches of the addon (`wire`), all of one or nothing, and what is live by them; from their rows to traces as users see them, through source maps',
    uses: ['host', 'errors', 'files', 'addon', 'traces'],
    packages: ['@jridgewell/trace-mapping'],
  },
  {
    name: 'domains',
    what: "memory that the addon does not measure: `track` and `untrack`, the row for what the buffer domain can't see; sites that TypeScript keeps itself, as many as live and some",
    uses: ['host', 'errors', 'traces'],
  },
  {
    name: 'streams',
    what: "once the application has loaded `node:zlib`: rows for the native state of zlib, brotli and zstd streams. Node's objects behind them, what one holds, which are picked, how they are watched being made and closed",
    uses: ['host', 'addon', 'traces', 'mirror', 'domains'],
  },
  { name: 'status', what: 'what `status()` tells', uses: ['options', 'mirror'] },
  {
    name: 'tracer',
    what: 'the public functions that trace',
    uses: [
      ...['host', 'errors', 'options', 'addon', 'ledger', 'traces', 'snapshot', 'mirror'],
      ...['domains', 'streams', 'status'],
    ],
  },
  {
    name: 'html',
    what: 'the HTML report: what it holds (`collect`), the document around it; the live page: what changed since the last message (`live-tables`)',
    uses: ['text', 'files', 'ledger', 'traces', 'snapshot'],
  },
  {
    name: 'page',
    what: 'what runs in the browser, bundled by `scripts/build-page.mjs`',
    uses: ['text', 'html'],
    packages: ['d3-flame-graph', 'd3-selection'],
  },
  {
    name: 'exporters',
    what: 'a snapshot in other formats, one file each: pure functions',
    uses: ['text', 'errors', 'files', 'traces', 'pprof', 'snapshot', 'html'],
  },
  {
    name: 'report',
    what: 'a report of a moment ([its schema](docs/report.md)): sites, suspects, the ledger, whose it is; as text',
    uses: ['text', 'host', 'ledger', 'traces', 'snapshot'],
  },
  {
    name: 'service',
    what: "what lives with a service: the environment's variables, `watch`, on which all that is periodic stands, reports to a log, signals, threads that ask each other, the end",
    uses: [
      ...['rules', 'text', 'host', 'errors', 'options', 'files'],
      ...['addon', 'ledger', 'traces', 'pprof'],
      ...['snapshot', 'status', 'tracer', 'report'],
    ],
  },
  {
    name: 'http',
    what: 'endpoints: profiles, reports, the live page; who may ask',
    uses: [
      ...['rules', 'text', 'host', 'errors', 'options', 'files'],
      ...['pprof', 'snapshot', 'tracer', 'html'],
      ...['report', 'service'],
    ],
  },
  {
    name: 'push',
    what: 'profiles sent at an interval, to Pyroscope',
    uses: ['rules', 'host', 'errors', 'options', 'pprof', 'snapshot', 'service'],
  },
  {
    name: 'metrics',
    what: "gauges for prom-client and OpenTelemetry, which are the application's own",
    uses: ['rules', 'options', 'snapshot', 'tracer', 'report', 'service'],
    packages: ['prom-client', '@opentelemetry/api'],
  },
  {
    name: 'cli',
    what: 'the command line: a table of options per command, a file per command',
    uses: [
      ...['rules', 'options', 'text', 'errors', 'files', 'addon'],
      ...['traces', 'pprof', 'snapshot', 'status', 'tracer'],
      ...['html', 'exporters', 'service'],
    ],
    packages: ['string-width'],
  },
  {
    name: 'late',
    what: 'public functions that many programs never call, each loads its part with the first call',
    uses: ['report', 'service', 'http', 'push'],
  },
  {
    name: 'index',
    what: 'what the package exports',
    uses: [
      ...['errors', 'options', 'files', 'ledger', 'traces', 'snapshot', 'status', 'tracer'],
      ...['report', 'service', 'http', 'push', 'late'],
    ],
  },
  {
    name: 'register',
    what: 'loads `service/begin` only where tracing is wanted',
    uses: [],
  },
];

/** Loads parts of all rooms when there is something to do; who asks it does not use them before. */
export const LATE_PARTS = 'late-parts';

/**
 * Rooms of C++, each after those it uses; of a room within another the longer name counts. Beside rooms: `std` and `system` are headers of C++ and the
 * system, `engine` V8's, `node` Node's and Node-API's, `node version` its numbers.
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
    what: 'the last words of a process that is out of heap: report and profile without JavaScript, within a fixed buffer',
    uses: ['std', 'core'],
  },
  {
    name: 'process',
    what: "what the whole process holds: malloc's figures, resident pages, sizes of all tracing heaps",
    uses: ['std', 'system'],
  },
  {
    name: 'layout/x64',
    what: 'what is told from instructions of x64 alone',
    uses: ['std'],
  },
  {
    name: 'layout',
    what: "where things lie in V8's memory, code and bytecode, as tables by version, and what reads through them; knows no header of V8's",
    uses: ['std', 'system', 'core', 'layout/x64'],
  },
  {
    name: 'v8',
    what: "the seam of the engines, and V8's flags, which are the process's",
    uses: ['std', 'system', 'engine', 'core', 'layout'],
  },
  {
    name: 'v8/names',
    what: 'names, lines and columns of new frames; what objects are called',
    uses: ['std', 'engine', 'node version', 'core', 'layout'],
  },
  {
    name: 'v8/walker',
    what: 'the stack walk, its start gate, and what an object tells of its place',
    uses: [
      ...['std', 'engine', 'node version'],
      ...['core', 'layout', 'layout/x64', 'v8', 'v8/names'],
    ],
  },
  {
    name: 'v8/heap',
    what: "engines that sample V8's heap, and what watches its limit",
    uses: [
      ...['std', 'system', 'engine'],
      ...['core', 'report', 'process', 'layout', 'v8', 'v8/names', 'v8/walker'],
    ],
  },
  {
    name: 'v8/buffers',
    what: 'memory that Buffers and ArrayBuffers hold outside the heap',
    uses: ['std', 'system', 'engine', 'core', 'layout', 'v8', 'v8/walker'],
  },
  {
    name: 'tracer',
    what: 'one per environment: chooses the engine, owns the tables',
    uses: [
      ...['std', 'engine', 'node version', 'core'],
      ...['v8', 'v8/names', 'v8/walker', 'v8/heap', 'v8/buffers'],
    ],
  },
  {
    name: 'napi',
    what: 'what JavaScript passes and gets back, by node-addon-api; functions of the whole process',
    uses: ['std', 'engine', 'node', 'core', 'process'],
  },
  {
    name: 'addon',
    what: 'the boundary to JavaScript: what is exported',
    uses: ['std', 'engine', 'node', 'tracer', 'napi'],
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

/** What ARCHITECTURE.md says of the rooms. */
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
