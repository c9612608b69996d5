// SPDX-License-Identifier: MIT
// The one table of environment variables, read by tracemalloc/register. A wrong value never stops
// the service: it is reported, and the default is used.
import { type Domain, FRAMES_HELP, OPTIONS } from '../options.js';
import type { ReportFormat } from '../report/formats.js';
import { type TextRule, word } from '../rules.js';
import type { KeyType } from '../snapshot/grouping.js';
import type { Frames } from '../traces/charge.js';

export interface Environment {
  /** False: nothing is to be done. */
  readonly enabled: boolean;
  readonly tracebackLimit: number;
  /** Bytes. */
  readonly sampleInterval: number | 'auto';
  readonly domains: readonly Domain[];
  /** Milliseconds; 0: never. */
  readonly reportEvery: number;
  readonly top: number;
  readonly keyType: KeyType;
  readonly frames: Frames;
  readonly format: ReportFormat;
  readonly sourceMaps: boolean;
  readonly routes: boolean;
  /** Whether reports say what holds the objects of suspects. */
  readonly retainers: 'off' | 'suspects';
  /** The signal on which to report, and to dump if there is a directory. */
  readonly signal: NodeJS.Signals | undefined;
  /** For dumps; undefined: no file is ever written. */
  readonly directory: string | undefined;
  /** Whether to report near the heap limit. */
  readonly heapLimit: boolean;
  /** Bytes of RSS; `'auto'`: of the control groups; 0: no reports near it. */
  readonly memoryLimit: number | 'auto';
  /** Percent of it. */
  readonly memoryMarks: readonly number[];
  readonly reportAtExit: boolean;
  /** One for each value that could not be used. */
  readonly warnings: readonly string[];
}

interface Variable extends TextRule<unknown> {
  readonly name: string;
  readonly meaning: string;
}

const { tracebackLimit, every } = OPTIONS;

/** In the order of the documentation. */
export const VARIABLES = {
  enabled: {
    name: 'TRACEMALLOC',
    meaning: 'unset or 0: nothing happens; 1: on; N > 1: on, keeping N frames',
    expects: '0, 1, or a number of frames up to 128',
    default: 'unset',
    parse: (text) => (/^0+$/.test(text) ? 0 : tracebackLimit.text.parse(text)),
  },
  sampleInterval: {
    name: 'TRACEMALLOC_SAMPLE_INTERVAL',
    meaning: 'mean bytes between samples; auto: tuned to cost about 1 % of CPU time at most',
    ...OPTIONS.sampleInterval.text,
  },
  domains: {
    name: 'TRACEMALLOC_DOMAINS',
    meaning: 'kinds of memory: heap, buffer, or both, separated by a comma',
    ...OPTIONS.domains.text,
  },
  reportEvery: {
    name: 'TRACEMALLOC_REPORT_EVERY',
    meaning: 'time between reports; 0: never',
    default: every.text.default,
    expects: `${every.text.expects}, or 0`,
    parse: (text) => (text === '0' ? 0 : every.text.parse(text)),
  },
  top: { name: 'TRACEMALLOC_TOP', meaning: 'sites in a report', ...OPTIONS.top.text },
  keyType: {
    name: 'TRACEMALLOC_KEY',
    meaning: 'what sites are grouped by',
    ...OPTIONS.keyType.text,
  },
  frames: {
    name: 'TRACEMALLOC_FRAMES',
    meaning: FRAMES_HELP,
    ...OPTIONS.frames.text,
  },
  format: {
    name: 'TRACEMALLOC_FORMAT',
    meaning: 'json (one line per report), text, or md (Markdown)',
    ...OPTIONS.format.text,
    default: 'json; text when stderr is a terminal',
  },
  sourceMaps: {
    name: 'TRACEMALLOC_SOURCE_MAPS',
    meaning: '0: show generated positions',
    ...OPTIONS.sourceMaps.text,
  },
  routes: {
    name: 'TRACEMALLOC_ROUTES',
    meaning: '1: what HTTP requests allocate is labelled with their route',
    ...OPTIONS.routes.text,
  },
  retainers: {
    name: 'TRACEMALLOC_RETAINERS',
    meaning: 'suspects: reports say what keeps the objects of new suspects alive',
    ...OPTIONS.suspectRetainers.text,
  },
  signal: {
    name: 'TRACEMALLOC_SIGNAL',
    meaning: 'on this signal, report, and dump into TRACEMALLOC_DIR',
    ...word(['SIGUSR1', 'SIGUSR2', 'SIGHUP']).text,
    default: 'none',
  },
  directory: {
    name: 'TRACEMALLOC_DIR',
    meaning: 'where dumps go; unset: no file is ever written',
    expects: 'a path',
    default: 'unset',
    parse: (text) => text,
  },
  heapLimit: {
    name: 'TRACEMALLOC_HEAP_LIMIT',
    meaning: '1: before the heap is exhausted, report, and dump into TRACEMALLOC_DIR',
    ...OPTIONS.heapLimit.text,
  },
  memoryLimit: {
    name: 'TRACEMALLOC_MEMORY_LIMIT',
    meaning:
      "auto: report, and dump into TRACEMALLOC_DIR, before a control group's limit is reached; a size such as 512MiB: before the process's RSS reaches it; 0: never",
    ...OPTIONS.processLimit.text,
  },
  memoryMarks: {
    name: 'TRACEMALLOC_MEMORY_MARKS',
    meaning: 'percentages of that limit at which to report',
    ...OPTIONS.memoryMarks.text,
  },
  reportAtExit: {
    name: 'TRACEMALLOC_REPORT_AT_EXIT',
    meaning: '1: write a last report at exit, SIGTERM, SIGINT and SIGHUP',
    ...OPTIONS.reportAtExit.text,
  },
} as const satisfies Record<string, Variable>;

/** Variables that are read elsewhere: by the command, and by the program that it runs. */
const OTHERS: readonly string[] = ['TRACEMALLOC_TOKEN', 'TRACEMALLOC_RUN_OUTPUT'];

/**
 * Pure: depends only on the arguments. While tracing is off, only the variable TRACEMALLOC can
 * cause a warning, since the others have no effect then.
 */
export function readEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  { isTerminal }: { isTerminal: boolean },
): Environment {
  const warnings: string[] = [];
  const read = <T>(variable: { name: string } & TextRule<T>, fallback: T): T => {
    const text = env[variable.name]?.trim();
    if (text === undefined || text === '') return fallback;
    const value = variable.parse(text);
    if (value !== undefined) return value;
    warnings.push(
      `${variable.name}=${text.slice(0, 60)} is not ${variable.expects}; using ${variable.default}`,
    );
    return fallback;
  };
  const frames = read(VARIABLES.enabled, 0);
  if (frames === 0) env = {}; // off: the other variables have no effect and cause no warnings
  const unknown = unknownNames(env);
  if (unknown.length > 0) {
    warnings.push(`${unknown.join(', ')}: no such setting; the settings are ${NAMES.join(', ')}`);
  }
  return {
    enabled: frames > 0,
    tracebackLimit: frames > 1 ? frames : tracebackLimit.default,
    sampleInterval: read(VARIABLES.sampleInterval, OPTIONS.sampleInterval.default),
    domains: read(VARIABLES.domains, OPTIONS.domains.default),
    reportEvery: read(VARIABLES.reportEvery, every.default),
    top: read(VARIABLES.top, OPTIONS.top.default),
    keyType: read(VARIABLES.keyType, OPTIONS.keyType.default),
    frames: read(VARIABLES.frames, OPTIONS.frames.default),
    format: read(VARIABLES.format, isTerminal ? 'text' : OPTIONS.format.default),
    sourceMaps: read(VARIABLES.sourceMaps, OPTIONS.sourceMaps.default),
    routes: read(VARIABLES.routes, OPTIONS.routes.default),
    retainers: read(VARIABLES.retainers, OPTIONS.suspectRetainers.default),
    signal: read<Environment['signal']>(VARIABLES.signal, undefined),
    directory: read<Environment['directory']>(VARIABLES.directory, undefined),
    heapLimit: read(VARIABLES.heapLimit, OPTIONS.heapLimit.default),
    memoryLimit: read(VARIABLES.memoryLimit, OPTIONS.processLimit.default),
    memoryMarks: read(VARIABLES.memoryMarks, OPTIONS.memoryMarks.default),
    reportAtExit: read(VARIABLES.reportAtExit, OPTIONS.reportAtExit.default),
    warnings,
  };
}

const NAMES = Object.values(VARIABLES).map(({ name }) => name);

function unknownNames(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.keys(env).filter(
    (name) =>
      name.startsWith('TRACEMALLOC_') && !NAMES.includes(name as never) && !OTHERS.includes(name),
  );
}
