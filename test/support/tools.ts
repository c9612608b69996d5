// SPDX-License-Identifier: MIT
// Third-party programs that some tests need: without the program on the PATH, the test is skipped,
// with a reason. With TRACEMALLOC_TEST_TOOLS=required (`npm run test:tools`), a missing one is an
// error.
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** The options of a test that needs a tool. */
interface Needs {
  readonly tags: string[];
  readonly skip: boolean;
}

const needs = (isThere: boolean): Needs => ({ tags: ['tools'], skip: !isThere });

function missing(text: string): undefined {
  if (process.env['TRACEMALLOC_TEST_TOOLS'] === 'required') throw new Error(text);
  console.warn(`SKIPPED: ${text}`);
}

/** The path of the program; undefined if it is not on the PATH. */
function find(names: readonly string[], untested: string): string | undefined {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of names) {
      const path = join(directory, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not in this directory.
      }
    }
  }
  return missing(`${names[0]} is not on the PATH, so ${untested}`);
}

export const withGo = needs(find(['go'], 'nothing opens dumps with `go tool pprof`') !== undefined);

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

export const withPrometheus = needs(
  find(['prometheus'], 'no Prometheus scrapes our metrics') !== undefined &&
    find(['promtool'], 'nothing checks our metrics') !== undefined,
);

export const CHROMIUM =
  process.env['CHROMIUM'] ??
  find(['chromium', 'chromium-browser', 'google-chrome'], 'nothing opens our files in a browser');
export const withChromium = needs(CHROMIUM !== undefined);

export const FLAMEGRAPH = '/usr/share/perl5/Devel/NYTProf/flamegraph.pl';
const hasPerl = find(['perl'], 'no flame graph is drawn from folded stacks') !== undefined;
const hasFlamegraph = hasPerl && existsSync(FLAMEGRAPH);
if (hasPerl && !hasFlamegraph) missing('no flamegraph.pl (Debian: libdevel-nytprof-perl)');
export const withFlamegraph = needs(hasFlamegraph);
