// SPDX-License-Identifier: MIT
// The sanitizers the addon can be built under, for test-sanitized.mjs, and what all that use a
// sanitizer need. Node itself is not built under one, so each is preloaded; what it reports goes to
// files.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADDON_FRAME, withNames } from './addon-symbols.mjs';

/** As the sanitizers' environment variables want them. */
export const optionList = (values) =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(':');

export const SANITIZERS = {
  address: {
    flag: '-fsanitize=address,undefined',
    libraries: ['libasan.so', 'libubsan.so'],
    env: (reports) => ({
      // Node and V8 leave much to the end of the process.
      ASAN_OPTIONS: optionList({ detect_leaks: 0, log_path: join(reports, 'address') }),
      UBSAN_OPTIONS: optionList({ print_stacktrace: 1, log_path: join(reports, 'undefined') }),
    }),
    reportsIn: texts,
  },
  thread: {
    flag: '-fsanitize=thread',
    libraries: ['libtsan.so'],
    env: (reports) => ({
      TSAN_OPTIONS: optionList({
        exitcode: 0, // the program's own
        symbolize: 0, // Node's symbols take it ten seconds
        log_path: join(reports, 'thread'),
      }),
    }),
    reportsIn: (directory) =>
      texts(directory)
        .flatMap((text) => text.split(/^=+$/m))
        .filter(isOfAddon)
        .map(withNames),
  },
};

/** Where g++ has these libraries. */
export function pathsOf(libraries) {
  return libraries.map((name) => {
    const path = execFileSync('g++', [`-print-file-name=${name}`], { encoding: 'utf8' }).trim();
    if (!existsSync(path)) throw new Error(`g++ has no ${name}: install its libgcc package`);
    return path;
  });
}

function texts(directory) {
  return readdirSync(directory).map((name) => readFileSync(join(directory, name), 'utf8'));
}

// Node's own accesses are seen where they pass through the C library, and how it orders them is not:
// a report is ours if the addon made one of the accesses, or holds one of the locks.
function isOfAddon(report) {
  const stacks = report.split(/\n\s*\n/).filter((part) => /^\s*#0 /m.test(part));
  return stacks.some((stack) => {
    if (!/^\s*(Previous )?(atomic )?(read|write) of size|Mutex M\d+ acquired/im.test(stack))
      return false;
    const frames = stack.split('\n').filter((line) => /^\s*#\d+ /.test(line));
    const asked = frames.find((frame) => !/[(/](libtsan|libstdc\+\+)\.so/.test(frame));
    return ADDON_FRAME.test(asked ?? '');
  });
}
