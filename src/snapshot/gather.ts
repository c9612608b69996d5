// SPDX-License-Identifier: MIT
// Traces of the same domain and stack become one: figures are sums, so estimates stay unbiased
// whatever intervals they were sampled at, and variances add up.
import { Trace, type TypeShare } from './trace.js';

export function gatherTraces(traces: Iterable<Trace>): Trace[] {
  const groups = new Map<string, Trace[]>();
  for (const trace of traces) {
    const frames = trace.traceback.frames.map((frame) => [
      frame.filename,
      frame.lineno,
      frame.column,
      frame.functionName,
    ]);
    const key = JSON.stringify([trace.domain, frames]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [trace]);
    else group.push(trace);
  }
  return [...groups.values()].map((group) => (group.length === 1 ? group[0]! : sumOf(group)));
}

function sumOf(group: readonly Trace[]): Trace {
  const { domain, traceback } = group[0]!;
  const total = (figure: (trace: Trace) => number) =>
    group.reduce((sum, trace) => sum + figure(trace), 0);
  // Something unknown makes the sum unknown.
  const known = (figure: (trace: Trace) => number | undefined) => {
    const sum = total((trace) => figure(trace) ?? Number.NaN);
    return Number.isNaN(sum) ? undefined : sum;
  };
  const types = new Map<string, TypeShare>();
  for (const { type, size, count } of group.flatMap((trace) => trace.types)) {
    const share = types.get(type);
    const sums = { size: size + (share?.size ?? 0), count: count + (share?.count ?? 0) };
    types.set(type, { type, ...sums });
  }
  return new Trace({
    domain,
    traceback,
    size: total((trace) => trace.size),
    count: total((trace) => trace.count),
    allocatedSize: known((trace) => trace.allocatedSize),
    allocatedCount: known((trace) => trace.allocatedCount),
    samples: total((trace) => trace.samples),
    variance: total((trace) => trace.variance),
    types: [...types.values()].sort((a, b) => b.size - a.size),
  });
}
