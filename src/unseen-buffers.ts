// SPDX-License-Identifier: MIT
// What the buffer domain can't see: memory that V8 is told of but that did not come from the
// ArrayBuffer allocator, such as resizable buffers, WebAssembly memories (Node 20 to 25), and what
// fs.readFile reads of small files on Node 26. It is shown as one row, so that nobody takes the
// domain for all there is.
import { Frame } from './snapshot/frame.js';
import { Trace } from './snapshot/trace.js';
import { Traceback } from './snapshot/traceback.js';

const PLACE = new Traceback([new Frame('(not attributable)', 0)], 1);

/** Bytes outside the heap that V8 knows of, without those of the ArrayBuffer allocator. */
export function unseenBytes({ external, arrayBuffers }: NodeJS.MemoryUsage): number {
  return external - arrayBuffers;
}

/**
 * The row for what was added since start: exact, no samples, and no count, which nobody knows.
 * SharedArrayBuffers come from the allocator but V8 is not told of them: they hide as much.
 */
export function unseenTrace(size: number): Trace[] {
  if (size <= 0) return [];
  return [
    new Trace({
      domain: 'buffer',
      size,
      count: 0,
      allocatedSize: undefined,
      allocatedCount: undefined,
      samples: 0,
      variance: 0,
      types: [],
      traceback: PLACE,
    }),
  ];
}
