// SPDX-License-Identifier: MIT
// Checks of conditions that must hold for every result, whatever was done before.
import assert from 'node:assert/strict';

const KEY_TYPES = ['lineno', 'filename', 'function', 'traceback'];

/** Runs a call that may fail, but only with one of these codes. */
export function allowing(codes, call) {
  try {
    return call();
  } catch (error) {
    if (!codes.includes(error.code)) throw error;
    return undefined;
  }
}

export function checkSnapshot(snapshot, random) {
  for (const trace of snapshot.traces) {
    const { size, count, samples, types, traceback } = trace;
    for (const figure of [size, count, samples]) assert(figure >= 0, `a figure of ${figure}`);
    assert(traceback.frames.length > 0, 'a trace without frames');
    assert(traceback.frames.length <= snapshot.tracebackLimit, 'more frames than the limit');
    const typed = types.reduce((sum, type) => sum + type.size, 0);
    assert(typed <= size * (1 + 1e-9) + 1, `types of ${typed} bytes in ${size}`);
  }
  const keyType = random.pick(KEY_TYPES);
  const statistics = snapshot.statistics(keyType);
  const bySites = statistics.reduce((sum, { size }) => sum + size, 0);
  const byTraces = snapshot.traces.reduce((sum, { size }) => sum + size, 0);
  assert(Math.abs(bySites - byTraces) <= 1 + byTraces * 1e-9, `${bySites} is not ${byTraces}`);
  for (const statistic of statistics.slice(0, 5)) assert(String(statistic).includes('size='));
}

/** Checks that the difference is `after` minus `before`. */
export function checkDifference(after, before, random) {
  const total = (snapshot) => snapshot.traces.reduce((sum, { size }) => sum + size, 0);
  const keyType = random.pick(KEY_TYPES);
  const diffs = after.compareTo(before, keyType);
  const sum = diffs.reduce((bytes, { sizeDiff }) => bytes + sizeDiff, 0);
  const expected = total(after) - total(before);
  assert(
    Math.abs(sum - expected) <= 1 + total(after) * 1e-6,
    `by ${keyType}: ${sum} is not ${expected}`,
  );
}

export function checkStatus(tracemalloc) {
  const { tracing, samples, sites, precision, domains } = tracemalloc.status();
  assert.equal(tracing, tracemalloc.isTracing());
  assert(samples >= 0 && sites >= 0, `${samples} samples, ${sites} sites`);
  assert.equal(precision === undefined, !tracing);
  assert.equal(domains.length > 0, tracing);
  const { current, peak } = tracemalloc.getTracedMemory();
  assert(current >= 0 && peak >= current, `current ${current}, peak ${peak}`);
  if (!tracing) assert.deepEqual([current, peak], [0, 0]);
  assert(tracemalloc.getTracemallocMemory() >= 0);
}
