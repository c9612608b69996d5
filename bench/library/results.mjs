// SPDX-License-Identifier: MIT
// The results: one JSON line per figure, appended when it is known, so that an interrupted run can
// be continued. One file for each Node and mode.
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';

export const fileOf = (directory, mode) =>
  join(directory, `${process.version.slice(1)}-${mode}.jsonl`);

/**
 * Appends lines of { part, row, column, round } and a `value`, or a `note` that says why there is
 * none.
 */
export function append(directory, mode, lines) {
  mkdirSync(directory, { recursive: true });
  const circumstances = {
    node: process.version,
    mode,
    at: new Date().toISOString(),
    load: loadavg()[0],
    cpu: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown CPU'}`,
  };
  const text = lines.map((line) => `${JSON.stringify({ ...line, ...circumstances })}\n`);
  appendFileSync(fileOf(directory, mode), text.join(''));
}

export function readLines(file) {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').split('\n').filter(Boolean).map(JSON.parse);
}

/** By Node's version, newest first: the lines of its full run, else of its short one. */
export function readAll(directory) {
  const byNode = new Map();
  for (const mode of ['short', 'full']) {
    for (const name of readdirSync(directory)) {
      if (!name.endsWith(`-${mode}.jsonl`)) continue;
      const lines = readLines(join(directory, name));
      if (lines.length > 0) byNode.set(lines[0].node, lines);
    }
  }
  const major = ([version]) => Number.parseInt(version.slice(1), 10);
  return [...byNode].sort((a, b) => major(b) - major(a));
}
