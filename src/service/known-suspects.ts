// SPDX-License-Identifier: MIT
// Keeps the suspects of the last periodic report for endpoints, metrics and signals: finding
// suspects takes a history, which only periodic reports have.
import type { ReportSuspect } from '../report/report.js';
import { onStop } from '../session.js';

let known: readonly ReportSuspect[] = [];
let forget: (() => void) | undefined;

/** What this thread's last periodic report said. */
export function rememberSuspects(suspects: readonly ReportSuspect[]): void {
  known = suspects;
  forget ??= onStop(() => {
    known = [];
    forget?.();
    forget = undefined;
  });
}

/** Suspects as of the last periodic report of this thread, the fastest first; none without one. */
export function knownSuspects(): readonly ReportSuspect[] {
  return known;
}
