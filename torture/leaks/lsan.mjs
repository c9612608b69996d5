// SPDX-License-Identifier: MIT
// Runs Node under LeakSanitizer, which is preloaded: the binaries are the shipped ones.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADDON_FRAME, withNames } from '../../scripts/addon-symbols.mjs';
import { optionList, pathsOf } from '../../scripts/sanitizers.mjs';
import { runNode } from '../node-child.mjs';

const LEAK = /^(Direct|Indirect) leak of /m;
const MOST_NAMED = 5;

/**
 * The texts of those records of a report whose memory the addon allocated. V8's allocations on our
 * behalf are V8's: pages of its heap, lists of its isolate.
 */
function leaksOfAddon(report, preload = []) {
  const allocators = ['/liblsan.so', '/libstdc++.so', ...preload];
  const isAllocator = (frame) => allocators.some((library) => frame.includes(library));
  return recordsOf(report).filter((record) => {
    const frames = record.split('\n').filter((line) => /^\s+#\d+ /.test(line));
    return ADDON_FRAME.test(frames.find((frame) => !isAllocator(frame)) ?? '');
  });
}

const recordsOf = (report) => report.split('\n\n').filter((record) => LEAK.test(record));

/**
 * As `runNode`, with `{ leaks, records }` in addition: texts of the addon's leaks, and the number
 * of all leaks. `preload`: libraries to load before the sanitizer.
 */
export async function runForLeaks(executable, args, { preload = [], env = {} } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-leaks-'));
  const options = optionList({
    fast_unwind_on_malloc: 0, // neither Node nor the addon keeps frame pointers
    malloc_context_size: 40,
    symbolize: 0, // Node's symbols take ten seconds
    exitcode: 0, // keeps the program's own
    log_path: join(directory, 'report'),
  });
  try {
    const outcome = await runNode(executable, args, {
      env: {
        ...env,
        LD_PRELOAD: [...preload, ...pathsOf(['liblsan.so'])].join(':'),
        LSAN_OPTIONS: options,
      },
    });
    const reports = readdirSync(directory).map((name) =>
      readFileSync(join(directory, name), 'utf8'),
    );
    const failed = reports.find((report) => report.includes('fatal error'));
    if (failed !== undefined) throw new Error(`LeakSanitizer could not look: ${failed}`);
    const leaks = reports.flatMap((report) => leaksOfAddon(report, preload));
    return {
      ...outcome,
      leaks: leaks.map((record, i) => (i < MOST_NAMED ? withNames(record) : record)),
      records: reports.flatMap(recordsOf).length,
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
