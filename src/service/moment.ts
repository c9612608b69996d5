// SPDX-License-Identifier: MIT
import { ageMark, elderSizes, getTracedMemory, status } from '../tracer.js';
import { recentLedger } from './recent-ledger.js';
import type { Moment } from './report.js';

/** Of this thread, now; never throws. */
export function momentNow(): Moment {
  const { fullCollections } = status();
  return {
    traced: getTracedMemory(),
    fullCollections,
    ageMark: ageMark(),
    elderSizes,
    ledger: recentLedger(),
  };
}
