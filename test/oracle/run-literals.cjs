// node run-literals.cjs <package root> <times> <interval>: calls every shape that many times, and
// prints by shape how many objects of the last calls are reported at their own line.
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');

const tracemalloc = require(process.argv[2]);
const times = Number(process.argv[3]);
const kept = 2;

// Distinguishes lines from other numbers.
const MARK = 1_000_000;

const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-literals-'));
const file = join(directory, 'shapes.cjs');
const lines = readFileSync(join(__dirname, 'literal-shapes.txt'), 'utf8').split('\n');
writeFileSync(
  file,
  [
    'module.exports = (shapes) => {',
    ...lines.map((line, i) => line.replace(/\bAT\b/g, MARK + i + 2)),
    '};',
  ].join('\n'),
);
const shapes = {};
require(file)(shapes);
rmSync(directory, { recursive: true });

// The line that an object carries; undefined if none.
function truthOf(object) {
  const line = Array.isArray(object)
    ? object[0]
    : typeof object === 'function'
      ? lineOf(object)
      : object.line;
  return Number.isInteger(line) && line > MARK ? line - MARK : undefined;
}
function lineOf(f) {
  if (/^class/.test(f.toString())) return f.line;
  if (/^(?:async|function\*|\*)/.test(f.toString())) return undefined;
  try {
    return f();
  } catch {
    return undefined;
  }
}

function* objectsIn(value, seen) {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return;
  if (seen.has(value)) return;
  seen.add(value);
  yield value;
  for (const inner of Object.values(value)) yield* objectsIn(inner, seen);
}

(async () => {
  tracemalloc.start({ sampleInterval: 1, domains: ['heap'] });
  const made = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const last = [];
    for (let i = 0; i < times; i++) {
      const result = shape(i);
      if (i >= times - kept) last.push(result);
    }
    made[name] = last;
    await sleep(1);
  }
  const objects = [];
  for (const [name, results] of Object.entries(made)) {
    for (const object of objectsIn(results, new Set())) {
      const truth = truthOf(object);
      if (truth !== undefined) objects.push([name, object, truth]);
    }
  }
  const totals = { exact: 0, approximate: 0, wrong: 0, unknown: 0 };
  const byShape = {};
  for (const [name, object, truth] of objects) {
    const frame = tracemalloc.getObjectTraceback(object)?.at(-1);
    const outcome = outcomeOf(frame, truth);
    totals[outcome]++;
    byShape[name] ??= {};
    const told = outcome === 'wrong' ? ` ${frame.lineno}:${frame.column}` : '';
    const key = outcome === 'exact' ? outcome : `${outcome}${told} at ${truth}`;
    byShape[name][key] = (byShape[name][key] ?? 0) + 1;
  }
  console.log(JSON.stringify({ totals, byShape }));
})();

function outcomeOf(frame, truth) {
  if (frame === undefined || !frame.filename.endsWith('shapes.cjs')) return 'unknown';
  if (frame.approximate) return 'approximate';
  return frame.lineno === truth ? 'exact' : 'wrong';
}
