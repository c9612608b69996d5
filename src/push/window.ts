// SPDX-License-Identifier: MIT
// What a push sends, whatever the server is: what is live, and what was allocated since the last one.
import { shown, TracemallocError } from '../errors.js';
import { allocatedSince } from '../snapshot/difference.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import type { SnapshotFacts } from '../traces/facts.js';
import type { TraceTable } from '../traces/trace-table.js';

export interface Window {
  readonly traces: TraceTable;
  readonly facts: SnapshotFacts & {
    /** ms. */
    readonly duration: number;
  };
}

/** From the snapshot before to this one. */
export function windowOf(snapshot: Snapshot, previous: Snapshot): Window {
  const traces = allocatedSince(snapshot, previous);
  // Answers about what holds objects have names of the program's properties, which must stay here.
  const { retainers: _, ...process } = snapshot.process;
  return { traces, facts: { ...snapshot, duration: elapsed(previous, snapshot), process } };
}

// Time between two snapshots of this thread, ms, by the monotonic clock: by the wall clock, a
// window may last for years, or end before it begins.
function elapsed({ duration: before = 0 }: Snapshot, { duration = 0 }: Snapshot): number {
  // Traces were cleared in between: the time is counted from then.
  return duration < before ? duration : duration - before;
}

/** A password in an address must not get into a log. */
function withoutUser(text: string): string {
  return text.replace(/\/\/[^/]*@/, '//***@');
}

/**
 * The address of a server, with the path of what it takes added.
 *
 * @throws TracemallocError ERR_INVALID_OPTION.
 */
export function endpointOf(
  url: unknown,
  { path, example }: { readonly path: string; readonly example: string },
): URL {
  const text = String(url);
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    throw new TracemallocError(
      'ERR_INVALID_OPTION',
      `url must be that of the server, such as ${example}, not ${shown(withoutUser(text))}`,
    );
  }
  parsed.pathname = `${parsed.pathname.replace(/\/$/, '')}${path}`;
  return parsed;
}
