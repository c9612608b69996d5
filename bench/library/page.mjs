// SPDX-License-Identifier: MIT
// Writes benchmarks.md and benchmarks.json from the existing results.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { goals, verdict } from './goals.mjs';
import { readAll } from './results.mjs';
import { quantile, spread } from './statistics.mjs';

const PACKAGE = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const HEAD = `# Benchmarks

Written by \`npm run bench\`; not edited by hand. Each figure comes from fresh processes. In a round every column runs once, in random order, and is compared with the run without tracking of the same round. A/A compares one run without tracking with another, and shows the noise. Figures are medians, with the quartiles in brackets (for fewer than five rounds, the extremes). From three rounds on, a peer's figure is followed by tracemalloc's result against it at the same interval: **won** or **lost** where the two spreads do not overlap, otherwise within noise. The noise of a goal is the spread of A/A, mirrored at 1.
`;
const TITLES = {
  cpu: 'CPU time, ratio to no tracking',
  p99: '99th percentile of latency, ratio to no tracking',
  start: 'Loading and starting',
  snapshot: 'A snapshot, by live memory (512 KiB)',
  growth: 'Growth with live samples and stacks, every allocation recorded',
  python: "CPython's own tracemalloc on the same workloads, ratio to Python untraced",
};
const COMPARED = ['cpu', 'p99', 'start', 'growth'];

/** One cell for each part, row and column: its values and their spread, or a note. */
function cellsOf(lines) {
  const cells = new Map();
  for (const { part, row, column, value, note, named, truth, approximate } of lines) {
    const key = [part, row, column].join('|');
    const cell = cells.get(key) ?? { part, row, column, values: [] };
    cells.set(key, cell);
    if (value === undefined) cell.note = note;
    else cell.values.push(value);
    if (named && cell.named !== 'another') cell.named = named;
    if (truth) cell.truth = truth;
    cell.approximate ||= approximate;
  }
  for (const cell of cells.values()) {
    if (cell.values.length > 0) cell.spread = spread(cell.values);
  }
  return [...cells.values()];
}

function digits(number) {
  const size = Math.abs(number);
  return number.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 3);
}

function shown({ spread: seen, note }) {
  if (!seen) return note ?? '';
  const { median, low, high, count } = seen;
  if (count === 1) return `${digits(median)} (once)`;
  return `${digits(median)} (${digits(low)} to ${digits(high)})`;
}

const unique = (list) => [...new Set(list)];
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

/** Comparisons of tracemalloc with each peer at the same interval. */
function duelsOf(cells) {
  return cells.flatMap((theirs) => {
    const [, interval] =
      /^(?!tracemalloc).* (512 KiB|64 KiB|8 KiB|exact)$/.exec(theirs.column) ?? [];
    const ours = cells.find(
      ({ row, column }) => row === theirs.row && column === `tracemalloc ${interval}`,
    );
    if (!interval || !ours?.spread || !theirs.spread) return [];
    const { part, row, column } = theirs;
    return [{ part, row, column, result: verdict(ours.spread, theirs.spread) }];
  });
}

function tableOf(cells, duels) {
  const rows = unique(cells.map(({ row }) => row));
  return table(
    ['', ...rows],
    unique(cells.map(({ column }) => column)).map((column) => [
      column,
      ...rows.map((row) => {
        const here = (entry) => entry.row === row && entry.column === column;
        const cell = cells.find(here);
        const duel = duels.find(here)?.result;
        const mark = !/won|lost/.test(duel) ? duel : `**${duel}**`;
        return cell ? [shown(cell), mark].filter(Boolean).join(', ') : '';
      }),
    ]),
  );
}

const percent = (ratio) => `${ratio >= 0 ? '+' : ''}${(ratio * 100).toFixed(1)} %`;

function leaksOf(cells) {
  const columns = unique(cells.map(({ column }) => column));
  const summary = columns.flatMap((column) =>
    ['cold', 'hot'].map((temperature) => {
      const own = cells.filter((c) => c.column === column && c.row.endsWith(`, ${temperature}`));
      const seen = own.filter((cell) => cell.spread);
      const name = `${column}, ${temperature}`;
      if (seen.length === 0) return [name, own[0]?.note ?? 'not possible', '', '', ''];
      const count = (wanted) => seen.filter(({ named }) => named === wanted).length;
      const errors = seen.map((cell) => Math.abs(cell.spread.median));
      const median = `${percent(quantile(errors, 0.5))} (${percent(quantile(errors, 0.25))} to ${percent(quantile(errors, 0.75))})`;
      return [
        name,
        `${count('line')} of ${seen.length}`,
        count('function'),
        median.replaceAll('+', ''),
        percent(Math.max(...errors)).slice(1),
      ];
    }),
  );
  const details = unique(cells.map(({ row }) => row)).map((row) => [
    row,
    ...columns.map((column) => {
      const cell = cells.find((c) => c.row === row && c.column === column);
      if (!cell?.spread) return cell?.note ?? '';
      const doubt = cell.approximate ? ' (marked approximate)' : '';
      return `${cell.named}${doubt}, ${percent(cell.spread.median)}`;
    }),
  ]);
  return [
    "For each leak, the site with the most bytes: whether it is the line that leaks or only its function (V8's own profiles are no more exact than that), and how far its bytes are from the growth of the process. Quartiles are over all leaks. tracemalloc marks a line as approximate where V8 keeps no position: an allocation merged with a neighbour before tracing began.",
    table(['', 'the line', 'its function', 'error of bytes', 'largest'], summary),
    table(['', ...columns], details),
  ].join('\n\n');
}

function sectionOf(node, lines) {
  const cells = cellsOf(lines);
  const of = (part) => cells.filter((cell) => cell.part === part);
  const duels = COMPARED.flatMap((part) => duelsOf(of(part)));
  const judged = goals({
    find: (part, row, column) =>
      cells.find((c) => c.part === part && c.row === row && c.column === column),
    duels: duels.filter(({ part }) => part === 'cpu'),
    leaks: of('leaks'),
  });
  const loads = lines.map(({ load }) => load);
  const [first, last] = [lines[0], lines.at(-1)];
  const rounds = Object.entries(TITLES)
    .filter(([part]) => of(part).length > 0)
    .map(([part]) => `${part} ${Math.max(...of(part).map(({ values }) => values.length))}`);
  const python = lines.find(({ version }) => version)?.version;
  const circumstances = [
    `Node ${node}, tracemalloc ${PACKAGE.version}, @datadog/pprof ${PACKAGE.devDependencies['@datadog/pprof']}${python ? `, ${python}` : ''}`,
    first.cpu,
    `${first.mode} run, ${first.at} to ${last.at}`,
    `load average ${Math.min(...loads).toFixed(2)} to ${Math.max(...loads).toFixed(2)}`,
    `rounds: ${rounds.join(', ')}`,
  ].join('; ');
  const tables = Object.entries(TITLES).flatMap(([part, title]) =>
    of(part).length > 0
      ? [
          `### ${title}`,
          tableOf(
            of(part),
            duels.filter((d) => d.part === part),
          ),
        ]
      : [],
  );
  if (of('leaks').length > 0) tables.push('### Leaks, against the truth', leaksOf(of('leaks')));
  const goalTable = table(
    ['goal', '', 'seen'],
    judged.map(({ goal, met, figure }) => [goal, met, figure]),
  );
  const page = [`## Node ${node}`, `${circumstances}.`, '### Goals', goalTable, ...tables].join(
    '\n\n',
  );
  return { page, data: { node, circumstances, goals: judged, duels, cells } };
}

/** Writes both files into `directory`; returns the path of the page. */
export function writeReport(results, directory) {
  const sections = readAll(results).map(([node, lines]) => sectionOf(node, lines));
  const page = join(directory, 'benchmarks.md');
  writeFileSync(page, `${[HEAD, ...sections.map((section) => section.page)].join('\n')}\n`);
  const data = sections.map((section) => section.data);
  writeFileSync(join(directory, 'benchmarks.json'), `${JSON.stringify(data, null, 1)}\n`);
  return page;
}
