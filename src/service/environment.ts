// SPDX-License-Identifier: MIT
// The one table of environment variables, read by tracemalloc/register. A wrong value is never a
// reason not to run: it is reported, and the default holds.
import { DOMAINS, type Domain } from '../options.js';
import { parseDuration } from './duration.js';

export interface Environment {
  /** False: nothing is to be done. */
  readonly enabled: boolean;
  readonly tracebackLimit: number;
  /** Bytes. */
  readonly sampleInterval: number;
  readonly domains: readonly Domain[];
  /** Milliseconds; 0: never. */
  readonly reportEvery: number;
  readonly top: number;
  readonly keyType: 'lineno' | 'filename' | 'traceback' | 'function';
  readonly format: 'json' | 'text';
  readonly sourceMaps: boolean;
  /** On which to report, and to dump if there is a directory. */
  readonly signal: NodeJS.Signals | undefined;
  /** For dumps; undefined: no file is ever written. */
  readonly directory: string | undefined;
  /** Whether to report near the heap limit. */
  readonly heapLimit: boolean;
  readonly reportAtExit: boolean;
  /** One for each value that could not be used. */
  readonly warnings: readonly string[];
}

interface Variable {
  readonly name: string;
  readonly meaning: string;
  readonly expects: string;
  /** As shown to users. */
  readonly default: string;
  /** Undefined: not a valid value. */
  readonly parse: (text: string) => unknown;
}

const oneOf =
  (...words: string[]) =>
  (text: string) =>
    words.includes(text) ? text : undefined;

/** In the order of the documentation. */
export const VARIABLES = {
  enabled: {
    name: 'TRACEMALLOC',
    meaning: 'unset or 0: nothing happens; 1: on; N > 1: on, keeping N frames',
    expects: '0, 1, or a number of frames up to 128',
    default: 'unset',
    parse: (text) => parseInteger(text, 0, 128),
  },
  sampleInterval: {
    name: 'TRACEMALLOC_SAMPLE_INTERVAL',
    meaning: 'mean bytes between samples',
    expects: 'bytes such as 524288 or 512KiB',
    default: '512KiB',
    parse: parseSize,
  },
  domains: {
    name: 'TRACEMALLOC_DOMAINS',
    meaning: 'kinds of memory: heap, buffer, or both with a comma between',
    expects: 'heap, buffer or heap,buffer',
    default: 'heap,buffer',
    parse: parseDomains,
  },
  reportEvery: {
    name: 'TRACEMALLOC_REPORT_EVERY',
    meaning: 'time between reports; 0: never',
    expects: 'a time such as 60s, 500ms, 5m, 1h, or 0',
    default: '60s',
    parse: (text) => (text === '0' ? 0 : parseDuration(text)),
  },
  top: {
    name: 'TRACEMALLOC_TOP',
    meaning: 'sites in a report',
    expects: 'a number from 1 to 1000',
    default: '10',
    parse: (text) => parseInteger(text, 1, 1000),
  },
  keyType: {
    name: 'TRACEMALLOC_KEY',
    meaning: 'what sites are grouped by',
    expects: 'lineno, filename, traceback or function',
    default: 'lineno',
    parse: oneOf('lineno', 'filename', 'traceback', 'function'),
  },
  format: {
    name: 'TRACEMALLOC_FORMAT',
    meaning: 'json (one line a report) or text',
    expects: 'json or text',
    default: 'json; text when stderr is a terminal',
    parse: oneOf('json', 'text'),
  },
  sourceMaps: {
    name: 'TRACEMALLOC_SOURCE_MAPS',
    meaning: '0: show generated positions',
    expects: '0 or 1',
    default: '1',
    parse: (text) => parseInteger(text, 0, 1),
  },
  signal: {
    name: 'TRACEMALLOC_SIGNAL',
    meaning: 'on this signal report, and dump into TRACEMALLOC_DIR',
    expects: 'SIGUSR1, SIGUSR2 or SIGHUP',
    default: 'none',
    parse: oneOf('SIGUSR1', 'SIGUSR2', 'SIGHUP'),
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
    expects: '0 or 1',
    default: '1',
    parse: (text) => parseInteger(text, 0, 1),
  },
  reportAtExit: {
    name: 'TRACEMALLOC_REPORT_AT_EXIT',
    meaning: '1: a last report at exit, SIGTERM, SIGINT and SIGHUP',
    expects: '0 or 1',
    default: '0',
    parse: (text) => parseInteger(text, 0, 1),
  },
} as const satisfies Record<string, Variable>;

/** Read elsewhere: by the command, and by the program that it runs. */
const OTHERS: readonly string[] = ['TRACEMALLOC_TOKEN', 'TRACEMALLOC_RUN_OUTPUT'];

/**
 * Pure: the environment as an object, and whether stderr is a terminal. While tracing is off, only
 * the value that keeps it off can be wrong: nobody wants to hear of the others then.
 */
export function readEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  { isTerminal }: { isTerminal: boolean },
): Environment {
  const warnings: string[] = [];
  const read = <T>(variable: Variable, fallback: T): T => {
    const text = env[variable.name]?.trim();
    if (text === undefined || text === '') return fallback;
    const value = variable.parse(text);
    if (value !== undefined) return value as T;
    warnings.push(
      `${variable.name}=${text.slice(0, 60)} is not ${variable.expects}; using ${variable.default}`,
    );
    return fallback;
  };
  const frames = read(VARIABLES.enabled, 0);
  if (frames === 0) env = {}; // off: the other variables mean nothing, nor do their mistakes
  const unknown = unknownNames(env);
  if (unknown.length > 0) {
    warnings.push(`${unknown.join(', ')}: there is no such setting; there are ${NAMES.join(', ')}`);
  }
  return {
    enabled: frames > 0,
    tracebackLimit: frames > 1 ? frames : 16,
    sampleInterval: read(VARIABLES.sampleInterval, 512 * 1024),
    domains: read(VARIABLES.domains, DOMAINS),
    reportEvery: read(VARIABLES.reportEvery, 60_000),
    top: read(VARIABLES.top, 10),
    keyType: read<Environment['keyType']>(VARIABLES.keyType, 'lineno'),
    format: read<Environment['format']>(VARIABLES.format, isTerminal ? 'text' : 'json'),
    sourceMaps: read(VARIABLES.sourceMaps, 1) === 1,
    signal: read<Environment['signal']>(VARIABLES.signal, undefined),
    directory: read<Environment['directory']>(VARIABLES.directory, undefined),
    heapLimit: read(VARIABLES.heapLimit, 1) === 1,
    reportAtExit: read<number>(VARIABLES.reportAtExit, 0) === 1,
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

function parseInteger(text: string, min: number, max: number): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const value = Number(text);
  return value >= min && value <= max ? value : undefined;
}

function parseDomains(text: string): readonly Domain[] | undefined {
  const names = text.split(',').map((name) => name.trim());
  const known = DOMAINS.filter((domain) => names.includes(domain));
  return known.length === new Set(names).size ? known : undefined;
}

function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(B|KiB|MiB)?$/i.exec(text);
  if (match === null) return undefined;
  const unit = { b: 1, kib: 1024, mib: 1024 ** 2 }[(match[2] ?? 'B').toLowerCase()] as number;
  const bytes = Math.round(Number(match[1]) * unit);
  return bytes >= 1 && bytes <= 0x7fffffff ? bytes : undefined;
}
