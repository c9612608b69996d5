// SPDX-License-Identifier: MIT
// Traces of the same domain and stack become one: figures are sums, so estimates stay unbiased
// whatever intervals they were sampled at, and variances add up.
import type { Frame } from './frame.js';
import { Trace, type TypeShare } from './trace.js';

export function gatherTraces(traces: Iterable<Trace>): Trace[] {
  const keyOf = stackKeys();
  const gathered = new Map<string, Trace>();
  for (const trace of traces) {
    const key = keyOf(trace);
    const known = gathered.get(key);
    gathered.set(key, known === undefined ? trace : sumOf(known, trace));
  }
  return [...gathered.values()];
}

const TWO_CHARACTERS = 0x8000;

// Short keys, a character or two for a frame: a profile may have millions of stacks of few frames.
function stackKeys(): (trace: Trace) => string {
  const idOfText = new Map<string, number>();
  const idOfFrame = new Map<Frame, number>();
  const idOf = (text: string) => {
    let id = idOfText.get(text);
    if (id === undefined) {
      id = idOfText.size;
      idOfText.set(text, id);
    }
    return id;
  };
  return ({ domain, traceback }) => {
    const key = [idOf(domain)];
    for (const frame of traceback.frames) {
      let id = idOfFrame.get(frame);
      if (id === undefined) {
        const { filename, lineno, column, functionName } = frame;
        id = idOf(JSON.stringify([filename, lineno, column, functionName]));
        idOfFrame.set(frame, id);
      }
      if (id < TWO_CHARACTERS) key.push(id);
      else key.push(TWO_CHARACTERS + (id >>> 16), id & 0xffff);
    }
    return String.fromCharCode(...key);
  };
}
function sumOf(a: Trace, b: Trace): Trace {
  return new Trace({
    domain: a.domain,
    traceback: a.traceback,
    size: a.size + b.size,
    count: a.count + b.count,
    allocatedSize: known(a.allocatedSize, b.allocatedSize),
    allocatedCount: known(a.allocatedCount, b.allocatedCount),
    samples: a.samples + b.samples,
    variance: a.variance + b.variance,
    types: b.types.length === 0 ? a.types : sumOfTypes(a.types, b.types),
  });
}

// Something unknown makes the sum unknown.
function known(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}

function sumOfTypes(a: readonly TypeShare[], b: readonly TypeShare[]): TypeShare[] {
  const types = new Map(a.map((share) => [share.type, share]));
  for (const { type, size, count } of b) {
    const share = types.get(type);
    types.set(type, { type, size: size + (share?.size ?? 0), count: count + (share?.count ?? 0) });
  }
  return [...types.values()].sort((x, y) => y.size - x.size);
}
