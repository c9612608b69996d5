// SPDX-License-Identifier: MIT
// Rests. The tracker removes stacks without live memory, and adds what was allocated there since
// start to a row without a stack: the rest of their file, whose function is named REST, or that of
// the domain, whose only frame is. native/core/reclaim.h, which uses the same name, says when.
import type { Frame } from './frame.js';
import { Trace } from './trace.js';

export const REST = '(no longer live)';

const TOTALS = ['allocatedSize', 'allocatedCount'] as const;

interface Row {
  readonly trace: Trace;
  readonly totals: { -readonly [total in (typeof TOTALS)[number]]: Trace[total] };
}

/**
 * Differences of two snapshots, one for each domain and stack, without what only moved: totals
 * never fall, so if one has, the stack was removed in between, and what it had before is now in a
 * rest, which did not allocate it. Sums stay the same.
 */
export function withoutGivenBack(differences: Iterable<Trace>): Trace[] {
  const rows: Row[] = [];
  const rests = new Map<string, Row[]>();
  for (const trace of differences) {
    const { domain, allocatedSize, allocatedCount } = trace;
    const row = { trace, totals: { allocatedSize, allocatedCount } };
    rows.push(row);
    if (!isRest(frameOf(row))) continue;
    // Also by file: most totals move to the rest of their file.
    for (const key of [domain, `${domain}\0${frameOf(row).filename}`]) {
      const those = rests.get(key);
      if (those === undefined) rests.set(key, [row]);
      else those.push(row);
    }
  }
  for (const row of rows) {
    const { domain } = row.trace;
    const ofFile = rests.get(`${domain}\0${frameOf(row).filename}`) ?? [];
    for (const total of TOTALS) takeOut(row, [...ofFile, ...(rests.get(domain) ?? [])], total);
  }
  return rows.map(({ trace, totals }) => new Trace({ ...trace, ...totals }));
}

function takeOut(row: Row, rests: readonly Row[], total: (typeof TOTALS)[number]): void {
  let fallen = -(row.totals[total] ?? 0);
  if (fallen <= 0) return;
  for (const { totals } of rests) {
    const part = Math.min(fallen, Math.max(0, totals[total] ?? 0));
    if (part === 0) continue;
    totals[total] = (totals[total] ?? 0) - part;
    fallen -= part;
  }
  row.totals[total] = fallen > 0 ? -fallen : 0;
}

function frameOf({ trace }: Row): Frame {
  return trace.traceback.at(-1) as Frame;
}

function isRest({ filename, lineno, functionName }: Frame): boolean {
  return lineno === 0 && (functionName === REST || filename === REST);
}
