// SPDX-License-Identifier: MIT
// Names that an attacker would choose, and a check that output for people has no dangerous
// characters.
import { expect } from 'vitest';

/** Each contains a unique `NAME` that must still be found. */
export const HOSTILE_NAMES: readonly string[] = [
  'NAME\u001b]0;PWNED\u0007',
  'NAME\u001b[2J\u001b[H',
  'NAME\u001b]52;c;cHduZWQ=\u0007',
  'NAME\u001b]8;;http://evil.example\u001b\\link',
  'NAME\u009b31m',
  'NAME\nFAKE LOG LINE',
  'NAME\r\n{"name":"tracemalloc"}',
  'NAME\rOVERWRITTEN',
  'NAME\u2028next',
  'NAME\u0085next',
  'NAME\u202Egnp.js',
  'NAME\u2066isolated',
  'NAME\u200ehidden\u200b\u2060\ufeff',
  'NAME\u{e0041}\u{e0042}',
  'NAME\ud800lone',
  'NAME\udc00\ud800',
  'NAME\b\b\b\bback',
  'NAME\u0000nul\u007f',
  'NAME\ttab',
  'NAME</script><script>alert(1)</script>',
  'NAME<img src=x onerror=alert(1)>',
  'NAME"quote\'`',
  'NAME;semi colon 1234',
  'NAME%s%n%1b',
];

// Listed here again, so that a gap in the product's own list is found.
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff\u{e0000}-\u{e007f}]/u;

/** Checks output for people; newlines are allowed, and the caller counts them. */
export function expectPlain(text: string): void {
  const found = HIDDEN.exec(text);
  const around = found && text.slice(Math.max(0, found.index - 60), found.index + 20);
  expect(around === null ? '' : JSON.stringify(around)).toBe('');
}

/** A random text, often of dangerous characters; the same for the same seed. */
export function randomName(seed: number): string {
  let state = seed * 2654435761 + 1;
  const next = (limit: number) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 3266489917) >>> 0;
    return state % limit;
  };
  const pick = () => {
    const kind = next(6);
    if (kind === 0) return String.fromCharCode(next(0x20));
    if (kind === 1) return String.fromCharCode(0x7f + next(0x22));
    if (kind === 2) return String.fromCharCode(0x2000 + next(0x70));
    if (kind === 3) return String.fromCharCode(next(0x10000)); // including lone surrogates
    if (kind === 4) return String.fromCodePoint(0x10000 + next(0xfffff));
    return HOSTILE_NAMES[next(HOSTILE_NAMES.length)] as string;
  };
  return Array.from({ length: 1 + next(12) }, pick).join('');
}
