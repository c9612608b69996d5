// SPDX-License-Identifier: MIT
// What the buffer domain can't see: memory that V8 knows of but that did not come from the
// ArrayBuffer allocator, such as native state of addons, WebAssembly memories, resizable buffers,
// large strings, and what fs.readFile reads of small files on Node 26: `ledger/outside-heap` says
// how much. The part that is not known to belong to compression streams is shown as one row, so
// that the domain does not seem complete.
import { Frame } from '../traces/frame.js';
import { Trace } from '../traces/trace.js';
import { Traceback } from '../traces/traceback.js';

const PLACE = new Traceback([new Frame('(not attributable)', 0)], 1);

/** The row for `size` bytes: it has no samples, and no count, which is unknown. */
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
