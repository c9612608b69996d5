// SPDX-License-Identifier: MIT
// What a report consists of. docs/report.md and docs/report.schema.json describe it to its readers;
// a change of meaning raises `version`.
import type { RetainersText } from '../text/retainers-text.js';
import type { Age } from '../traces/age.js';
import type { Frames } from '../traces/charge.js';
import type { SumKind } from './groupings.js';

/** One site. Sizes in bytes, rounded; all figures are estimates. */
export interface ReportSite {
  /** `file:line` of the charged frame, see `frames`; the file, if grouped so. */
  readonly site: string;
  /** Its function; empty: anonymous, or grouped by file. */
  readonly function: string;
  /** Kind of memory, such as `heap`. */
  readonly domain: string;
  /** Live bytes. */
  readonly size: number;
  /** Growth of `size` since the previous report. */
  readonly sizeDiff: number;
  /** Growth of `size` since the reports began. */
  readonly sizeDiffSinceStart: number;
  /** Live allocations. */
  readonly count: number;
  /** Growth of `count` since the previous report. */
  readonly countDiff: number;
  /** Growth of `count` since the reports began. */
  readonly countDiffSinceStart: number;
  /** Live samples that `size` rests on. */
  readonly samples: number;
  /** Standard error of `size`. */
  readonly error: number;
  /**
   * What allocated most of it, if that is not the site itself but what it called:
   * `node_modules/winston/lib/logger.js:12` of a dependency, or the function of a builtin or of
   * Node, `push`.
   */
  readonly allocator?: string;
  /** The line is the function's first, or a neighbouring line. */
  readonly approximate?: true;
  /** How old what lives is, to a tenth: in JSON of the handler's endpoint only. */
  readonly age?: Age;
  /** The stack, oldest frame first, where sites are tracebacks. */
  readonly traceback?: readonly string[];
  /** Number of older frames that are left out of `traceback`, since the line would be too long. */
  readonly omittedFrames?: number;
}

/**
 * What holds objects of a suspect, by names only; at most the three paths that hold most samples,
 * without the middle of very long ones.
 */
export interface ReportRetainers extends RetainersText {
  /** When it was found, ISO 8601. */
  readonly time: string;
}

/** A site, or a sum over sites, that seems to leak, by a statistical test over the last reports. */
export interface ReportSuspect {
  /** As in {@link ReportSite}; of a sum, the line, the module or the class. */
  readonly site: string;
  /** As in {@link ReportSite}. */
  readonly function: string;
  /** As in {@link ReportSite}. */
  readonly domain: string;
  /** As in {@link ReportSite}. */
  readonly allocator?: string;
  /** Live bytes. */
  readonly size: number;
  /** `'flat'`: it was growing, and does not any more. */
  readonly state: 'growing' | 'flat';
  /** When it was first called suspect, ISO 8601. */
  readonly since: string;
  /** How fast it grows, or grew last. */
  readonly bytesPerHour: number;
  /**
   * It is a sum over many sites, none of which explains it: `'line'`, a line outside
   * `node_modules` with all that it calls; `'module'`, a file, a package or a part of Node;
   * `'type'`, the objects of a class. Absent: a site.
   */
  readonly sum?: SumKind;
  /** What to look for, where Node's own code is all that is known. */
  readonly hint?: string;
  /** What keeps its objects alive, where the reporter's option `retainers` asks for it. */
  readonly retainers?: ReportRetainers;
}

/** The memory of the process by kind: `getMemoryLedger()`. */
export interface ReportLedger {
  /** When it was read: before the report, where reading takes long. */
  readonly time: string;
  /** Resident set size of the process at that moment, bytes. */
  readonly rss: number;
  /** Bytes in memory, by the names of `LedgerRow`. */
  readonly rows: Readonly<Record<string, number>>;
  /** `rss` less all rows. */
  readonly unexplained: number;
  /** What made RSS grow since the first report, if one kind of memory did. */
  readonly diagnosis?: string;
}

/** One report, as it is logged. */
export interface Report {
  /** Always `tracemalloc`: what to grep for. */
  readonly name: 'tracemalloc';
  /** This schema's version. */
  readonly version: 1;
  /** `'warn'`: a suspect is growing; `'error'`: there is an {@link event}. */
  readonly level: 'info' | 'warn' | 'error';
  /** Why it is written, if not at its time: a mark below a limit of the process's memory was passed. */
  readonly event?: 'memory-limit';
  /** The mark that was passed, percent of the limit; with that event only, as the next two. */
  readonly percent?: number;
  /** Bytes that counted against the limit then, without pages of files. */
  readonly memoryUsed?: number;
  /** The limit, bytes: that of a control group, or what `TRACEMALLOC_MEMORY_LIMIT` says. */
  readonly memoryLimit?: number;
  /** ISO 8601. */
  readonly time: string;
  /** How much memory there is, which sites grew most, and the suspects. */
  readonly msg: string;
  /** Name of the host. */
  readonly host: string;
  /** The process's id. */
  readonly pid: number;
  /** 0 in a report of several threads. */
  readonly threadId: number;
  /** The threads whose memory is included, in a report of several threads. */
  readonly threads?: readonly number[];
  /** Threads that trace but did not answer in time. */
  readonly silentThreads?: readonly number[];
  /** The application's name in the nearest package.json above its main script. */
  readonly app?: string;
  /** The version in that package.json. */
  readonly appVersion?: string;
  /** `line` or `function`. */
  readonly precision: string;
  /** Mean bytes between samples. */
  readonly sampleInterval: number;
  /** What sampling took of the thread's CPU time since `start()`, from 0 to 1. */
  readonly cpuShare?: number;
  /**
   * Which frame is the site of a stack: `own`: the innermost of the user's own code; `app`: the
   * innermost that is not Node's; `all`: the innermost. Where there is none, the next applies.
   */
  readonly frames: Frames;
  /** Resident set size of the process, bytes; this and the next four as `process.memoryUsage()`. */
  readonly rss: number;
  /** Bytes that V8 has reserved for the heap of this thread. */
  readonly heapTotal: number;
  /** Bytes of it in use. */
  readonly heapUsed: number;
  /** Bytes outside the heap that V8 knows of. */
  readonly external: number;
  /** Bytes of them that ArrayBuffers hold. */
  readonly arrayBuffers: number;
  /** The memory of the process by kind, where that can be determined. */
  readonly ledger?: ReportLedger;
  /** Live traced bytes. */
  readonly traced: number;
  /** The most that `traced` has been, bytes. */
  readonly tracedPeak: number;
  /**
   * The sites that are largest, that have grown most since the previous report, and that have grown
   * most since the reports began, in turn until there are `top`; suspects first of all. Sorted by
   * size, the largest first.
   */
  readonly sites: readonly ReportSite[];
  /** Number of sites that are left out, since the line would be too long. */
  readonly omittedSites?: number;
  /** The sites, and sums over sites, that seem to leak, at most `top`, the fastest growing first. */
  readonly suspects: readonly ReportSuspect[];
  /** Number of suspects that are left out, since the line would be too long. */
  readonly omittedSuspects?: number;
}
