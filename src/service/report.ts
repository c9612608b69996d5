// SPDX-License-Identifier: MIT
// A report: what a snapshot says, boiled down to the sites worth a log line. Pure.

import type { Frame } from '../snapshot/frame.js';
import { formatCount, formatSize } from '../snapshot/size.js';
import { type KeyType, Snapshot } from '../snapshot/snapshot.js';
import { Trace } from '../snapshot/trace.js';
import { Traceback } from '../snapshot/traceback.js';

/** One site. Sizes in bytes, rounded; all figures are estimates. */
export interface ReportSite {
  /** `file:line` of the innermost frame that the application wrote. */
  readonly site: string;
  /** Its function; empty: anonymous. */
  readonly function: string;
  readonly size: number;
  /** Growth since the previous report. */
  readonly sizeDiff: number;
  readonly count: number;
  readonly countDiff: number;
  readonly samples: number;
  /** Standard error of `size`. */
  readonly error: number;
  /** What really allocated most of it, where that is a builtin or Node's own code: `push`. */
  readonly allocator?: string;
  /** The line is the function's first. */
  readonly approximate?: true;
}

export interface Report {
  /** Always `tracemalloc`: what to grep for. */
  readonly name: 'tracemalloc';
  /** Of this schema. */
  readonly version: 1;
  /** ISO 8601. */
  readonly time: string;
  readonly pid: number;
  readonly threadId: number;
  readonly precision: string;
  readonly sampleInterval: number;
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  /** Live traced bytes. */
  readonly traced: number;
  readonly tracedPeak: number;
  readonly bySize: readonly ReportSite[];
  readonly byGrowth: readonly ReportSite[];
}

export interface ReportInput {
  readonly snapshot: Snapshot;
  readonly previous: Snapshot;
  readonly traced: { readonly current: number; readonly peak: number };
  readonly top: number;
  readonly keyType: KeyType;
}

/**
 * The largest and the fastest growing sites. Sites are rolled up to the innermost frame that the
 * application wrote: Node's internals and builtins are not lines a user can change.
 */
export function makeReport({ snapshot, previous, traced, top, keyType }: ReportInput): Report {
  const allocators = new Allocators(keyType);
  const diffs = rollUp(snapshot, allocators).compareTo(rollUp(previous), keyType);
  const sites = diffs.map((diff): ReportSite => {
    const frame = diff.traceback.at(-1);
    const allocator = frame && allocators.largest(frame);
    return {
      site: keyType === 'function' && frame ? frame.filename : String(diff.traceback),
      function: frame?.functionName ?? '',
      size: Math.round(diff.size),
      sizeDiff: Math.round(diff.sizeDiff),
      count: Math.round(diff.count),
      countDiff: Math.round(diff.countDiff),
      samples: diff.samples,
      error: Math.round(diff.error),
      ...(allocator ? { allocator: allocator.functionName || String(allocator) } : {}),
      ...(frame?.approximate ? { approximate: true as const } : {}),
    };
  });
  const { memoryUsage, pid, threadId } = snapshot.process;
  return {
    name: 'tracemalloc',
    version: 1,
    time: new Date(snapshot.timestamp).toISOString(),
    pid,
    threadId,
    precision: snapshot.precision,
    sampleInterval: snapshot.sampleInterval,
    rss: memoryUsage.rss,
    heapUsed: memoryUsage.heapUsed,
    external: memoryUsage.external,
    traced: Math.round(traced.current),
    tracedPeak: Math.round(traced.peak),
    bySize: sites
      .filter((site) => site.size > 0)
      .sort((a, b) => b.size - a.size)
      .slice(0, top),
    byGrowth: sites
      .filter((site) => site.sizeDiff > 0)
      .sort((a, b) => b.sizeDiff - a.sizeDiff)
      .slice(0, top),
  };
}

/** A report for people: a headline and two short tables. Ends without a newline. */
export function formatReport(report: Report): string {
  const line = (site: ReportSite, rank: number) =>
    `  #${rank + 1}: ${site.site}${site.function ? ` (${site.function})` : ''}: ` +
    `size=${formatSize(site.size)} (${formatSize(site.sizeDiff, { signed: true })}), ` +
    `count=${formatCount(site.count)} (${formatCount(site.countDiff, { signed: true })})`;
  const growth = report.byGrowth.length > 0 ? report.byGrowth.map(line) : ['  none'];
  return [
    `tracemalloc: rss ${formatSize(report.rss)}, heap ${formatSize(report.heapUsed)}, ` +
      `traced ${formatSize(report.traced)} (peak ${formatSize(report.tracedPeak)}), ` +
      `${report.precision} precision, pid ${report.pid}`,
    ' largest:',
    ...report.bySize.map(line),
    ' grown most since the last report:',
    ...growth,
  ].join('\n');
}

/** Bytes of the frames left out by rolling up, by the site that is charged with them. */
class Allocators {
  readonly #keyType: KeyType;
  readonly #bySite = new Map<string, Map<string, { frame: Frame; size: number }>>();

  constructor(keyType: KeyType) {
    this.#keyType = keyType;
  }

  add(caller: Frame, allocator: Frame, size: number): void {
    const key = this.#keyOf(caller);
    const ofSite = this.#bySite.get(key) ?? new Map<string, { frame: Frame; size: number }>();
    this.#bySite.set(key, ofSite);
    const name = allocator.functionName || String(allocator);
    const entry = ofSite.get(name) ?? { frame: allocator, size: 0 };
    ofSite.set(name, entry);
    entry.size += size;
  }

  largest(caller: Frame): Frame | undefined {
    const ofSite = [...(this.#bySite.get(this.#keyOf(caller))?.values() ?? [])];
    return ofSite.sort((a, b) => b.size - a.size)[0]?.frame;
  }

  #keyOf({ filename, lineno, functionName }: Frame): string {
    if (this.#keyType === 'filename') return filename;
    if (this.#keyType === 'function') return `${filename}\0${functionName || '(anonymous)'}`;
    return `${filename}\0${lineno}`;
  }
}

function rollUp(snapshot: Snapshot, allocators?: Allocators): Snapshot {
  const traces = snapshot.traces.map((trace) => {
    const { frames, totalFrames } = trace.traceback;
    const end = frames.findLastIndex((frame) => !frame.isInternal);
    if (end === -1 || end === frames.length - 1) return trace;
    allocators?.add(frames[end] as Frame, frames.at(-1) as Frame, trace.size);
    return new Trace({ ...trace, traceback: new Traceback(frames.slice(0, end + 1), totalFrames) });
  });
  return new Snapshot(traces, snapshot);
}
