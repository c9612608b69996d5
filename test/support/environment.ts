// SPDX-License-Identifier: MIT
const NAMES = [
  'PATH',
  'LD_PRELOAD',
  'ASAN_OPTIONS',
  'UBSAN_OPTIONS',
  'TSAN_OPTIONS',
  'LSAN_OPTIONS',
];

/** The variables that children inherit: a sanitizer's runtime must be preloaded. */
export const INHERITED: Readonly<Record<string, string>> = Object.fromEntries(
  NAMES.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  }),
);
