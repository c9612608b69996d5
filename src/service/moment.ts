// SPDX-License-Identifier: MIT
import type { Moment } from '../report/report.js';
import { ageMark, elderSizes, getTracedMemory, status } from '../tracer.js';

/** What this thread is like now, but for the ledger, which takes time to read; never throws. */
export function momentNow(): Moment {
  const { fullCollections } = status();
  return {
    traced: getTracedMemory(),
    fullCollections,
    ageMark: ageMark(),
    elderSizes,
  };
}
