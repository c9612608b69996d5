// SPDX-License-Identifier: MIT
// To find suspects takes a history, which only periodic reports have. Their suspects are kept here
// for endpoints, metrics and signals.
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
