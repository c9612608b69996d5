// SPDX-License-Identifier: MIT
// takeSnapshot({ survivors: true }): what a collection could have freed and did not.
import { expect, test } from 'vitest';
import { evaluate } from '../support/child.js';

// Young space enough that V8 does not collect on its own.
const GC = ['--expose-gc', '--min-semi-space-size=16', '--max-semi-space-size=16'];

const HELPERS = `
  const { start, takeSnapshot } = tracemalloc;
  const kept = [];
  class Kept { constructor(i) { this.i = i; } }
  class Garbage { constructor(i) { this.i = i; } }
  function keep(n) { for (let i = 0; i < n; i++) kept.push(new Kept(i)); }
  function litter(n) { let last; for (let i = 0; i < n; i++) last = new Garbage(i); return last.i; }
  // A line is known approximately at times; the type is not.
  const of = (snapshot, name) => {
    const found = snapshot.traces.flatMap((t) => t.types.filter(({ type }) => type === name));
    const sum = (of) => found.reduce((total, share) => total + share[of], 0);
    return { size: sum('size'), count: sum('count') };
  };
  const total = (snapshot, of) => snapshot.traces.reduce((sum, trace) => sum + trace[of], 0);
`;

interface Figures {
  size: number;
  count: number;
}

test('garbage of the last moments vanishes, what was kept through a collection stays', async () => {
  const seen = await evaluate<Record<'none' | 'kept' | 'later' | 'litter' | 'gone', Figures>>(
    `${HELPERS}
    gc();
    start({ sampleInterval: 256, domains: ['heap'] });
    keep(5000);
    const none = of(takeSnapshot({ survivors: true }), 'Kept');
    gc();
    litter(5000);
    keep(3000);
    const all = takeSnapshot();
    const survivors = takeSnapshot({ survivors: true });
    report({ none, kept: of(survivors, 'Kept'), later: of(all, 'Kept'), litter: of(all, 'Garbage'),
      gone: of(survivors, 'Garbage'),
      says: [all.survivors, survivors.survivors, survivors.filterTraces([]).survivors],
      allocated: [all, survivors].map((s) => Math.round(total(s, 'allocatedSize'))),
      variances: [all, survivors].map((s) => total(s, 'variance')) });`,
    { args: GC },
  );
  expect(seen.none).toEqual({ size: 0, count: 0 });
  expect(seen.gone).toEqual({ size: 0, count: 0 });
  // Objects of 24 B or more: 5000 are at least 450 samples, whose sum has a standard error of 5 %.
  expect(seen.kept.count / 5000).toBeGreaterThan(0.75);
  expect(seen.kept.count / 5000).toBeLessThan(1.25);
  expect(seen.later.count / 8000).toBeGreaterThan(0.75);
  expect(seen.litter.count).toBeGreaterThan(2500);
  const { allocated, variances, says } = seen as unknown as Record<string, [number, number]>;
  expect(says).toEqual([null, true, true]);
  expect(allocated?.[1]).toBeGreaterThanOrEqual(allocated?.[0] ?? 0);
  expect(variances?.[1]).toBeLessThan(variances?.[0] ?? 0);
});

test('every allocation: exact, consistent, and the same again once all has survived', async () => {
  const seen = await evaluate<Record<string, unknown>>(
    `${HELPERS}
    keep(100); // from then on the class's instances have their size
    gc();
    start({ sampleInterval: 1 });
    const objects = [new Kept(0), new Kept(1), new Kept(2)];
    gc();
    for (let i = 0; i < 4; i++) objects.push(new Kept(i));
    const count = (snapshot) => of(snapshot, 'Kept').count;
    const first = [count(takeSnapshot({ survivors: true })), count(takeSnapshot())];
    gc();
    const last = [count(takeSnapshot({ survivors: true })), count(takeSnapshot())];
    const rows = takeSnapshot({ survivors: true }).traces;
    const sound = rows.every((t) => t.size >= 0 && t.count >= 0 && t.variance >= 0 &&
      t.types.every((share) => share.size > 0) &&
      t.types.reduce((sum, share) => sum + share.size, 0) <= t.size * (1 + 1e-9));
    report({ first, last, sound, objects: objects.length });`,
    { args: [...GC, '--jitless'] },
  );
  expect(seen).toEqual({ first: [3, 7], last: [7, 7], sound: true, objects: 7 });
});

test('a scavenge is no proof for what was born in the old generation', async () => {
  // As symbols are.
  const seen = await evaluate<Record<string, number>>(
    `${HELPERS}
    gc();
    start({ sampleInterval: 64 });
    for (let i = 0; i < 5000; i++) kept.push(Symbol());
    const isYoung = %InYoungGeneration(kept[5]);
    const symbols = (survivors) => of(takeSnapshot({ survivors }), '(symbol)').count;
    const born = symbols(true);
    gc({ type: 'minor' });
    const scavenged = symbols(true);
    gc();
    report({ isYoung, born, scavenged, full: symbols(true), all: symbols(false) });`,
    { args: [...GC, '--allow-natives-syntax'] },
  );
  expect(seen).toMatchObject({ isYoung: false, born: 0, scavenged: 0 });
  expect(seen['full']).toBeGreaterThan(4000);
  expect(seen['full']).toBe(seen['all']);
});

test('other domains and precisions: tracked memory stays, function precision is an error', async () => {
  const seen = await evaluate<Record<string, unknown>>(`
    const { start, stop, takeSnapshot, track, DomainFilter } = tracemalloc;
    const codes = [codeOf(() => takeSnapshot({ survivors: true }))];
    start();
    track('cache', 'key', 100);
    const filter = new DomainFilter({ inclusive: true, domain: 'cache' });
    const tracked = takeSnapshot({ survivors: true }).filterTraces([filter]).traces.length;
    codes.push(codeOf(() => takeSnapshot({ survivors: 1 })), codeOf(() => takeSnapshot({ old: true })));
    codes.push(codeOf(() => takeSnapshot(5)));
    stop();
    start({ precision: 'function' });
    codes.push(codeOf(() => takeSnapshot({ survivors: true })), codeOf(() => takeSnapshot()));
    report({ codes, tracked });`);
  expect(seen).toEqual({
    tracked: 1,
    codes: [
      'ERR_NOT_TRACING',
      'ERR_INVALID_OPTION',
      'ERR_INVALID_OPTION',
      'ERR_INVALID_OPTION',
      'ERR_UNSUPPORTED_PRECISION',
      'OK',
    ],
  });
});
