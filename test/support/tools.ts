// SPDX-License-Identifier: MIT
// Programs of others that some tests ask: on the PATH, or the test is skipped, with a reason.
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** Where it is; undefined and a `SKIPPED` line if it is nowhere on the PATH. */
function find(names: readonly string[], untested: string): string | undefined {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of names) {
      const path = join(directory, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not here.
      }
    }
  }
  console.warn(`SKIPPED: ${names[0]} is not on the PATH, so ${untested}`);
  return undefined;
}

const GO = find(['go'], 'nothing opens dumps with `go tool pprof`');
export const hasGo = GO !== undefined;

/** What `go tool pprof` prints. */
export async function goPprof(...args: string[]): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'pprof-'));
  try {
    const env = { ...process.env, HOME: home, PPROF_TMPDIR: home };
    return (await promisify(execFile)('go', ['tool', 'pprof', ...args], { env })).stdout;
  } finally {
    rmSync(home, { recursive: true });
  }
}

export const hasPrometheus =
  find(['prometheus'], 'no Prometheus scrapes our metrics') !== undefined &&
  find(['promtool'], 'nothing checks our metrics') !== undefined;

export const CHROMIUM =
  process.env['CHROMIUM'] ??
  find(['chromium', 'chromium-browser', 'google-chrome'], 'nothing opens our files in a browser');

export const FLAMEGRAPH = '/usr/share/perl5/Devel/NYTProf/flamegraph.pl';
const hasPerl = find(['perl'], 'no flame graph is drawn from folded stacks') !== undefined;
export const hasFlamegraph = hasPerl && existsSync(FLAMEGRAPH);
if (hasPerl && !hasFlamegraph) {
  console.warn('SKIPPED: no flamegraph.pl (Debian: libdevel-nytprof-perl)');
}
