// SPDX-License-Identifier: MIT
// Formats the figures of run.mjs as docs/bytes.md.

// Reasons why a kind may be further off than its standard error.
const REASONS = {
  'Map, cleared':
    'the table that `clear()` makes begins in the bytes that `new Map(iterable)` reserved and did not use (16 of them on Node 20 and 22, 32 later). Where the block of the first table is not sampled, nothing shows that these bytes were counted with it. The bias is at most half of these bytes, divided by the interval: 3 to 6 % at 256 bytes, below 0.1 % at the default.',
  'external string':
    "these strings lie outside the heap and have only some 32 bytes each on it: together less than the fluctuation of V8's own figure.",
  'WebAssembly.Memory':
    "so few can be made at a time that they take only some hundred kilobytes, and V8's own figure fluctuates by some of that.",
  'Intl objects':
    "only some hundred kilobytes of them were made, as each takes up to a millisecond: V8's own figure fluctuates by as much as the deviation, in both directions.",
  'WebAssembly.Module': 'as for WebAssembly.Memory.',
};

const percent = (share) => `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(1)}`;

/**
 * An estimate's deviation, its standard error, and whether the deviation exceeds that by more than
 * 2 %.
 */
function judge({ truth, estimate, interval }) {
  const error = Math.sqrt(interval / truth);
  const deviation = estimate / truth - 1;
  return { deviation, error, isFar: !(Math.abs(deviation) <= 0.02 + error) };
}

function cell(row) {
  if (row === undefined) return '';
  if (row.truth <= 0) return 'no growth';
  const { deviation, error, isFar } = judge(row);
  const text = `${percent(deviation)} ± ${(100 * error).toFixed(1)}`;
  return isFar ? `**${text}**` : text;
}

export function toMarkdown(figures, names) {
  const majors = Object.keys(figures).sort((a, b) => a - b);
  const of = (major, name) => figures[major].rows.find(({ kind }) => kind === name);
  const table = names.map((name) => {
    const { truth, units } = of(majors.at(-1), name);
    const cells = majors.map((major) => cell(of(major, name)));
    return `| ${[name, (truth / units).toFixed(0), ...cells].join(' | ')} |`;
  });
  const rows = majors.flatMap((major) => figures[major].rows).filter(({ truth }) => truth > 0);
  const far = rows.filter((row) => judge(row).isFar).length;
  const scores = rows.map((row) => judge(row)).map(({ deviation, error }) => deviation / error);
  const spread = Math.sqrt(scores.reduce((sum, score) => sum + score ** 2, 0) / scores.length);
  const versions = majors.map((major) => `${figures[major].version} (${figures[major].date})`);
  const explained = Object.entries(REASONS).map(([name, why]) => `- ${name}: ${why}`);
  return `# Bytes by kind of object

Written by \`npm run bench:bytes\` (figures in \`docs/bytes.json\`), Node ${versions.join(', ')}. As many objects of each kind as fill five megabytes (or as many as can be made) were made and kept, traced at an interval of ${rows[0].interval} bytes. A cell shows the deviation of the traced live bytes from the growth of V8's own figure (\`heapUsed\`) after full garbage collections, in per cent, and the standard error that follows from the interval. "bytes" is what one object takes on the heap of Node ${majors.at(-1)}, with all its parts; memory outside the heap belongs to another domain. The functions that make the objects are in \`bench/bytes/kinds.mjs\`. To measure again, run \`npm run bench:bytes\`, or \`npm run bench:bytes -- --node 22\` for one Node; \`--interval\` and \`--bytes\` (of each kind) set how fine the measurement is.

Of ${rows.length} cells ${far} ${far === 1 ? 'is' : 'are'} off by more than 2 % plus the standard error; they are bold. The ratios of deviations to standard errors have a root mean square of ${spread.toFixed(2)}; chance alone would give 1. By chance alone, about one cell in 200 would be bold; the bold cells without an explanation below are bold under one Node only.
${explained.length > 0 ? `\n${explained.join('\n')}\n` : ''}
| kind | bytes | ${majors.join(' | ')} |
|---|---|${majors.map(() => '---|').join('')}
${table.join('\n')}
`;
}
