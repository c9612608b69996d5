// SPDX-License-Identifier: MIT
// The addon's own memory: whatever a program does and however it ends, LeakSanitizer must find none
// of the addon's allocations unreachable at the end.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runForLeaks } from './leaks/lsan.mjs';
import { PROGRAMS } from './leaks/programs.mjs';
import { endOf } from './node-child.mjs';
import { compilePreload } from './preload.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const GC = '--expose-gc';

async function requireNone(run) {
  const outcome = await run;
  assert.equal(outcome.code, 0, `${endOf(outcome)}: ${outcome.stderr}`);
  assert.equal(outcome.leaks.length, 0, outcome.leaks.join('\n\n'));
}

/** One function per case: takes `{ executable, seed, directory }`, throws when memory leaked. */
export const CASES = {
  // Leaks are detected: an addon that forgets to free.
  async forgetful({ executable, directory }) {
    const preload = [await compilePreload('leaks/forgetful-delete.cc', directory)];
    const args = [GC, path('./leaks/programs.mjs'), 'buffers'];
    const { leaks } = await runForLeaks(executable, args, { preload });
    assert(leaks.length > 0, 'what was leaked on purpose was not found');
  },

  ...Object.fromEntries(
    Object.keys(PROGRAMS).map((name) => [
      name,
      ({ executable }) =>
        requireNone(runForLeaks(executable, [GC, path('./leaks/programs.mjs'), name])),
    ]),
  ),

  // If an allocation fails, those made before it are freed.
  async noMemory({ executable, seed, directory }) {
    const preload = [await compilePreload('faults/failing-malloc.cc', directory)];
    for (const oneIn of [10, 300]) {
      const env = { FAILING_SEED: String(seed), FAILING_ONE_IN: String(oneIn) };
      const args = [GC, path('./faults/starved.mjs')];
      await requireNone(runForLeaks(executable, args, { preload, env }));
    }
  },

  async sequence({ executable, seed }) {
    const args = [GC, path('./sequences/program.mjs'), '--seed', String(seed), '--steps', '100'];
    await requireNone(runForLeaks(executable, args));
  },
};

/** As `sequences`; a run is every case once, under one Node. */
export async function leaks({ nodes, seed, minutes, log }) {
  const end = performance.now() + minutes * 60_000;
  const failures = [];
  let runs = 0;
  do {
    const { version, executable } = nodes[runs % nodes.length];
    for (const [name, check] of Object.entries(CASES)) {
      const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-leaks-'));
      try {
        await check({ executable, seed, directory });
      } catch (error) {
        const again = `npm run torture -- leaks --node ${version} --seed ${seed} --minutes 0`;
        failures.push(`${again}\n  ${name}: ${error.stack}`);
        log(failures.at(-1));
      } finally {
        rmSync(directory, { recursive: true });
      }
    }
    runs++;
    seed++;
  } while (performance.now() < end);
  return { runs, failures };
}
