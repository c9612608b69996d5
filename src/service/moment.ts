// SPDX-License-Identifier: MIT
import type { Moment } from '../report/series.js';
import { ageMark, elders } from '../session.js';
import { getTracedMemory, status } from '../tracer.js';

/** The current figures of this thread, without the ledger, which is slow to read; never throws. */
export function momentNow(): Moment {
  const { fullCollections, heapAfterCollection } = status();
  return {
    traced: getTracedMemory(),
    fullCollections,
    heapAfterCollection,
    ageMark: ageMark(),
    elders,
  };
}
