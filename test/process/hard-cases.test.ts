// SPDX-License-Identifier: MIT
// The exact line and the right bytes in cases where other profilers fail, in a real service, cold
// and hot. The truth is the growth of the heap after full collections; each case runs long enough
// to be fully optimized.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { load } from '../../bench/library/load.mjs';

const DIRECTORY = fileURLToPath(new URL('../../examples/hard-cases/', import.meta.url));
const SOURCE = readFileSync(`${DIRECTORY}cases.js`, 'utf8').split('\n');
const REQUESTS = 3000;
const INTERVAL = 8192;

interface Statistics {
  heapUsed: number;
  lines: { line: number; size: number; error: number }[];
}

for (const name of ['inlined', 'pair', 'map', 'json', 'asynchronous', 'folded']) {
  test(`${name}: the leaking line, within 10 %`, async () => {
    const line = SOURCE.findIndex((text) => text.includes(`leaks: ${name}`)) + 1;
    const service = spawn(process.execPath, ['--expose-gc', 'server.js', String(INTERVAL)], {
      cwd: DIRECTORY,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [address] = await once(createInterface(service.stdout), 'line');
      const port = Number(new URL(address).port);
      const statistics = async () =>
        (await (await fetch(`${address}/statistics`)).json()) as Statistics;
      await load({ port, count: 50, path: () => `/case/${name}` });
      await statistics(); // loads what snapshots need
      const before = await statistics();
      await load({ port, count: REQUESTS, path: () => `/case/${name}` });
      const after = await statistics();

      const sizeOf = ({ lines }: Statistics) => lines.find((s) => s.line === line)?.size ?? 0;
      const truth = after.heapUsed - before.heapUsed;
      expect(truth).toBeGreaterThan(20e6);
      expect(after.lines[0]?.line).toBe(line);
      expect((sizeOf(after) - sizeOf(before)) / truth).toBeGreaterThan(0.9);
      expect((sizeOf(after) - sizeOf(before)) / truth).toBeLessThan(1.1);
    } finally {
      service.kill();
    }
  });
}
