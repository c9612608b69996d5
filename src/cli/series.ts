// SPDX-License-Identifier: MIT
// The input of a report, from the files that are named: a snapshot, an older one to compare with,
// and memory over time, to which every file contributes its readings.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TracemallocError } from '../errors.js';
import type { Input } from '../html/collect.js';
import { historyOf, type ProcessHistory } from '../html/history.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { isUrl, readSnapshot, sourceOf } from './input.js';
import type { Progress } from './progress.js';

export interface Series {
  readonly now: Input;
  readonly old: Input | undefined;
  /** Histories of `now`'s thread, in each of the processes. */
  readonly histories: readonly ProcessHistory[];
}

export interface SeriesOptions {
  readonly token: string | undefined;
  readonly progress: Progress;
}

/**
 * One file is the snapshot, a second one what it is compared with. Of more files, or of a
 * directory, the newest is compared with the oldest of its process and thread.
 */
export async function readSeries(
  operands: readonly string[],
  { token, progress }: SeriesOptions,
): Promise<Series> {
  const sources = operands.map(sourceOf).flatMap((source) => dumpsIn(source) ?? [source]);
  const isNamed = sources.length === operands.length && operands.length <= 2;
  const ends = new Map<string, Ends>();
  const histories: ProcessHistory[] = [];
  const named: Input[] = [];
  for (const [i, source] of sources.entries()) {
    const show = progress.of(
      sources.length > 1 ? `${i + 1} of ${sources.length}: ${source}` : source,
    );
    const onProgress = (share: number) => show((i + share) / sources.length);
    const input = { snapshot: await readSnapshot(source, { token, onProgress }), source };
    histories.push(historyOf(input.snapshot));
    // Snapshots of a directory are not kept: there may be more than fit into memory.
    if (isNamed) named.push(input);
    else extend(ends, input);
  }
  const [now, old] = isNamed ? named : newestOf(ends);
  const { threadId } = now!.snapshot.process;
  return { now: now!, old, histories: histories.filter((each) => each.threadId === threadId) };
}

const MAY_BE_GONE = { throwIfNoEntry: false } as const;
const DUMP = /\.pb(\.gz)?$/;

/** Returns undefined if `source` is not a directory. */
function dumpsIn(source: string): string[] | undefined {
  if (isUrl(source) || statSync(source, MAY_BE_GONE)?.isDirectory() !== true) {
    return undefined;
  }
  // Anything but a regular file with such a name, such as a pipe, must not be opened.
  const names = readdirSync(source).filter(
    (name) => DUMP.test(name) && statSync(join(source, name), MAY_BE_GONE)?.isFile(),
  );
  if (names.length > 0) return names.sort().map((name) => join(source, name));
  throw new TracemallocError('ERR_READ_FAILED', `there is no dump (*.pb.gz, *.pb) in ${source}`);
}

interface Ends {
  newest: Input;
  oldest: Input;
}

function extend(ends: Map<string, Ends>, input: Input): void {
  const { pid, threadId } = input.snapshot.process;
  const key = `${pid} ${threadId}`;
  const known = ends.get(key);
  if (known === undefined) ends.set(key, { newest: input, oldest: input });
  else if (timeOf(input) > timeOf(known.newest)) known.newest = input;
  else if (timeOf(input) < timeOf(known.oldest)) known.oldest = input;
}

function newestOf(ends: Map<string, Ends>): [Input, Input | undefined] {
  const byTime = [...ends.values()].sort((a, b) => timeOf(b.newest) - timeOf(a.newest));
  const { newest, oldest } = byTime[0]!;
  return [newest, oldest === newest ? undefined : oldest];
}

function timeOf({ snapshot }: { snapshot: Snapshot }): number {
  return snapshot.timestamp;
}
