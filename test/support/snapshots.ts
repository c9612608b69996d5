// SPDX-License-Identifier: MIT
// Builds snapshots from short descriptions, for tests of grouping, comparing and filtering.

import { Snapshot } from '../../src/snapshot/snapshot.js';
import type { Age } from '../../src/traces/age.js';
import { Frame } from '../../src/traces/frame.js';
import type { Labels } from '../../src/traces/labels.js';
import { Trace, type TypeShare } from '../../src/traces/trace.js';
import { Traceback } from '../../src/traces/traceback.js';

export interface Row {
  /** Oldest first: `file:line` or `file:line:function`. */
  at: string[];
  size: number;
  count?: number;
  samples?: number;
  variance?: number;
  domain?: string;
  types?: TypeShare[];
  labels?: Labels;
  age?: Age | undefined;
  /** Undefined: unknown. */
  allocatedSize?: number | undefined;
}

export function frameOf(text: string): Frame {
  const [, filename = '', line = '0', functionName = ''] =
    /^(.*?):(\d+)(?::(.*))?$/s.exec(text) ?? [];
  return new Frame(filename, Number(line), { functionName });
}

// As those of a session's snapshots, the same object for the same stack.
const tracebacks = new Map<string, Traceback>();

function tracebackOf(at: readonly string[]): Traceback {
  const known = tracebacks.get(at.join('\n')) ?? new Traceback(at.map(frameOf));
  tracebacks.set(at.join('\n'), known);
  return known;
}

export function snapshotOf(rows: Row[]): Snapshot {
  const traces = rows.map(
    ({ at, size, count = 1, samples = 1, variance = 0, domain = 'heap', types = [], ...more }) =>
      new Trace({
        allocatedSize: undefined,
        ...more,
        domain,
        size,
        count,
        samples,
        variance,
        types,
        allocatedCount: undefined,
        traceback: tracebackOf(at),
      }),
  );
  const memoryUsage = { rss: 1, heapTotal: 1, heapUsed: 1, external: 1, arrayBuffers: 1 };
  return new Snapshot(traces, {
    tracebackLimit: 16,
    sampleInterval: 1024,
    timestamp: 0,
    domains: ['heap'],
    precision: 'line',
    process: { pid: 1, threadId: 0, nodeVersion: 'v0', memoryUsage },
  });
}
