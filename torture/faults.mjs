// SPDX-License-Identifier: MIT
// File systems and pipes that fail under a service that reports and dumps: it continues to serve,
// reports what failed, and an incomplete file never has a dump's name.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as faults from './faults/cases.mjs';
import { Random } from './random.mjs';

/** As `sequences`; a run is one case. */
export async function faultInjection({ nodes, seed, minutes, log }) {
  const end = performance.now() + minutes * 60_000;
  const failures = [];
  let runs = 0;
  do {
    const { version, executable } = nodes[runs % nodes.length];
    for (const [name, inject] of Object.entries(faults)) {
      const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-faults-'));
      try {
        await inject({ executable, directory, random: new Random(seed) });
      } catch (error) {
        const again = `npm run torture -- faults --node ${version} --seed ${seed} --minutes 0`;
        failures.push(`${again}\n  ${name}: ${error.stack}`);
        log(failures.at(-1));
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    }
    runs++;
    seed++;
  } while (performance.now() < end);
  return { runs, failures };
}
