// SPDX-License-Identifier: MIT
// Finds the differences between two runs of a program, except those of all runs: times, process
// ids.

const BY_NATURE = [
  // Test runners show a time only if it is long.
  [/ *\(?\b\d+(\.\d+)? ?(ms|milliseconds|seconds|s)\b\)?/g, ''],
  [/duration_ms:? \d+(\.\d+)?/g, ''],
  [/\b\d\d:\d\d:\d\d\b/g, 'TIME'],
  [/\(node:\d+\)/g, '(node:PID)'],
];

const REPORT = /^(# )?\{"name":"tracemalloc"/;
const WARNING = 'tracemalloc: not tracing: ';

/**
 * Splits an output into tracemalloc's own lines, reports parsed, and the program's. `node --test`
 * shows what a child writes to stderr as comments on stdout.
 */
export function separate(output) {
  const found = { reports: [], warnings: [], rest: '' };
  const rest = output.split('\n').filter((line) => {
    const report = parseReport(line);
    if (report) found.reports.push(report);
    else if (line.startsWith(WARNING)) found.warnings.push(line);
    else return true;
    return false;
  });
  return { ...found, rest: rest.join('\n') };
}

function parseReport(line) {
  if (!REPORT.test(line)) return undefined;
  try {
    return JSON.parse(line.startsWith('#') ? line.slice(2).replaceAll('\\#', '#') : line);
  } catch {
    return undefined; // cut off, or mixed with the program's output: a difference
  }
}

/** The names of the differences, each with both sides; none if the runs are the same. */
export function differences(one, other, { normalize = (text) => text } = {}) {
  const shown = (outcome) => ({
    end: `${outcome.code ?? outcome.signal}`,
    stdout: calm(separate(outcome.stdout).rest, normalize),
    stderr: calm(separate(outcome.stderr).rest, normalize),
    answers: outcome.answers,
    files: outcome.files,
  });
  const [a, b] = [shown(one), shown(other)];
  return Object.keys(a)
    .filter((name) => a[name] !== b[name])
    .map((name) => ({ name, one: a[name], other: b[name] }));
}

function calm(text, normalize) {
  return BY_NATURE.reduce((so, [pattern, word]) => so.replace(pattern, word), normalize(text));
}

/** The first lines that differ, for people. */
export function firstDifference({ name, one, other }) {
  const [left, right] = [String(one).split('\n'), String(other).split('\n')];
  const at = left.findIndex((line, i) => line !== right[i]);
  const i = at < 0 ? left.length : at;
  const some = (lines) =>
    lines
      .slice(i, i + 3)
      .map((line) => line.slice(0, 300))
      .join('\n      ') || '(nothing)';
  return `${name}, line ${i + 1}\n    without: ${some(left)}\n    with:    ${some(right)}`;
}
