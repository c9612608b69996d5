// SPDX-License-Identifier: MIT
// watch(): turns with what changed, for as long as tracing goes on and somebody listens.
import { expect, test } from 'vitest';
import { evaluate, PACKAGE, run } from '../support/child.js';

const WATCH = `
  import { setTimeout as sleep } from 'node:timers/promises';
  const { start, stop, watch } = tracemalloc;
  const alive = setInterval(() => {}, 1000);
  globalThis.kept = [];
  const leak = (n) => { for (let i = 0; i < n; i++) kept.push({ i, list: [i] }); };
`;

test('each turn tells what grew since the one before', async () => {
  const turns = await evaluate<{ grown: number; line: string; linked: boolean }[]>(`${WATCH}
    start({ sampleInterval: 256 });
    leak(20000);
    const turns = [];
    let last;
    const watcher = watch({ every: '30ms' });
    leak(20000);
    for await (const { snapshot, previous, diff } of watcher) {
      const [first] = diff;
      turns.push({ grown: first.sizeDiff, line: String(first), linked: last === undefined || previous === last });
      last = snapshot;
      if (turns.length === 3) break;
      leak(20000);
    }
    report(turns);
    clearInterval(alive);
  `);
  expect(turns).toHaveLength(3);
  for (const { grown, line, linked } of turns) {
    // An object of 20 or 40 bytes, an array of 16 or 32 and its elements of 12 or 24, each time.
    expect(grown).toBeGreaterThan(20_000 * 30);
    expect(grown).toBeLessThan(20_000 * 150);
    expect(line).toContain('size=');
    expect(linked).toBe(true);
  }
});

test('a slow consumer gets the newest state, and no queue', async () => {
  const isNewest = await evaluate(`${WATCH}
    start({ sampleInterval: 256 });
    const isNewest = [];
    let ready = Date.now();
    for await (const { snapshot } of watch({ every: 20 })) {
      isNewest.push(snapshot.timestamp >= ready);
      if (isNewest.length === 3) break;
      await sleep(300);
      ready = Date.now();
    }
    report(isNewest);
    clearInterval(alive);
  `);
  expect(isNewest).toEqual([true, true, true]);
});

test('stop() ends a wait at once, and a restart does not revive it', async () => {
  const seen = await evaluate(`${WATCH}
    start();
    const watcher = watch({ every: '1h' });
    const waiting = [watcher.next(), watcher.next()];
    stop();
    start();
    const results = await Promise.all([...waiting, watcher.next()]);
    const other = watch({ every: '1h' });
    const pending = other.next();
    await other.return();
    report({ results, returned: await pending });
    clearInterval(alive);
  `);
  const done = { done: true };
  expect(seen).toEqual({ results: [done, done, done], returned: done });
});

test('watchers that are due together share a snapshot', async () => {
  const shared = await evaluate(`${WATCH}
    start();
    const one = watch({ every: '1s' });
    const two = watch({ every: '1s' });
    const [a, b] = await Promise.all([one.next(), two.next()]);
    report(a.value.snapshot === b.value.snapshot);
    clearInterval(alive);
  `);
  expect(shared).toBe(true);
});

test('a process that has nothing else to do does not stay for it', async () => {
  const outcome = await run(`
    import { start, watch } from ${JSON.stringify(PACKAGE)};
    start();
    (async () => { for await (const _ of watch({ every: '20s' })) console.log('turn'); })();
    console.log('worked');
  `);
  expect(outcome).toEqual({ code: 0, signal: null, stdout: 'worked\n', stderr: '' });
});

test('wrong use says so at the call', async () => {
  const codes = await evaluate(`${WATCH}
    const codes = [codeOf(() => watch({ every: '1s' }))];
    start();
    for (const every of ['soon', 5, NaN, undefined, 1e12]) codes.push(codeOf(() => watch({ every })));
    codes.push(codeOf(() => watch()));
    report(codes);
    clearInterval(alive);
  `);
  expect(codes).toEqual(['ERR_NOT_TRACING', ...Array(6).fill('ERR_INVALID_OPTION')]);
});
