// SPDX-License-Identifier: MIT
// When memory was allocated, where a snapshot is limited to that.

/** Two times, ms since the epoch. */
export interface TimeSpan {
  readonly since: number;
  readonly until: number;
}

/** The time to which a snapshot is limited. */
export interface AllocationTime {
  /** When it begins, ms since the epoch; undefined: no limit. */
  readonly since?: number | undefined;
  /** When it ends, ms since the epoch; undefined: no limit. */
  readonly until?: number | undefined;
}

/** Says it to people; empty: no limit. */
export function allocationText({ since, until }: AllocationTime = {}): string {
  const [from, to] = [since, until].map((at) => at && new Date(at).toISOString());
  if (from === undefined && to === undefined) return '';
  return `allocated ${[from && `since ${from}`, to && `until ${to}`].filter(Boolean).join(' ')} only`;
}
