// SPDX-License-Identifier: MIT
// Fuzzes everything that reads input from outside: damaged input is rejected with a reason or
// understood, and never causes a crash, a hang, or unbounded use of memory. Each target is a file
// of fuzz/.
import { fileURLToPath } from 'node:url';
import { endOf, runNode } from './node-child.mjs';

const PROGRAM = fileURLToPath(new URL('./fuzz/program.mjs', import.meta.url));
const HEAP_MIB = 512;

/** Number of inputs for one process, which it must process in two minutes. */
const TARGETS = { wire: 2000, profile: 500, environment: 5000, http: 500, cli: 30 };

/** As `sequences`; a run is one process with one target. */
export async function fuzz({ nodes, seed, minutes, log }) {
  const end = performance.now() + minutes * 60_000;
  const failures = [];
  let runs = 0;
  do {
    const { version, executable } = nodes[runs % nodes.length];
    for (const [target, count] of Object.entries(TARGETS)) {
      const args = [`--max-old-space-size=${HEAP_MIB}`, PROGRAM, target];
      const outcome = await runNode(executable, [
        ...args,
        '--seed',
        `${seed}`,
        '--count',
        `${count}`,
      ]);
      if (outcome.code === 0) continue;
      const from = /^seed (\d+)$/m.exec(outcome.stderr)?.[1] ?? seed;
      const again = `node torture/fuzz/program.mjs ${target} --seed ${from} --count 1`;
      failures.push(`${again}   (Node ${version})\n  ${endOf(outcome)}\n${outcome.stderr}`);
      log(failures.at(-1));
    }
    runs++;
    seed += Math.max(...Object.values(TARGETS));
  } while (performance.now() < end);
  return { runs, failures };
}
