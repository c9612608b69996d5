// SPDX-License-Identifier: MIT
// Suspects come of a history, which only who reports at an interval has. What it found is kept here
// for those who are asked now and then: endpoints, metrics, signals.
import type { ReportSite } from '../report/report.js';
import { onStop } from '../tracer.js';

let known: readonly ReportSite[] = [];
let forget: (() => void) | undefined;

/** What this thread's last periodic report said. */
export function rememberSuspects(suspects: readonly ReportSite[]): void {
  known = suspects;
  forget ??= onStop(() => {
    known = [];
    forget?.();
    forget = undefined;
  });
}

/** Suspects as of the last periodic report of this thread, the fastest first; none without one. */
export function knownSuspects(): readonly ReportSite[] {
  return known;
}
