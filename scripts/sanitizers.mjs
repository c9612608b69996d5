// SPDX-License-Identifier: MIT
// The sanitizers with which the addon can be built, for test-sanitized.mjs, and helpers for all
// scripts that use a sanitizer. Node itself is not built with one, so the sanitizer is preloaded;
// its reports go to files.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADDON_FRAME, withNames } from './addon-symbols.mjs';

/** Options in the syntax of the sanitizers' environment variables. */
export const optionList = (values) =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(':');

export const SANITIZERS = {
  address: {
    flag: '-fsanitize=address,undefined',
    libraries: ['libasan.so', 'libubsan.so'],
    env: (reports) => ({
      // Node and V8 free much only by the end of the process.
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
        exitcode: 0, // that of the program itself
        symbolize: 0, // resolving Node's symbols takes ten seconds
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

/** The paths of g++'s libraries of these names. */
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

// The sanitizer sees Node's own accesses where they go through the C library, but not how Node
// orders them: a report counts if the addon made one of the accesses, or holds one of the locks.
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
