// SPDX-License-Identifier: MIT
// The text of a frame's line, where its file can be read here.
import type { Frame } from '../snapshot/frame.js';

const { readFileSync, statSync } = process.getBuiltinModule('node:fs');
const { isAbsolute } = process.getBuiltinModule('node:path');

const LONGEST_LINE = 160;

export interface SourceLimits {
  /** Bytes; what is larger has no lines. */
  readonly largest?: number;
}

/** Each file is read once, and kept. What is not there, or not a file, has no lines. */
export function sourceLines({ largest = Number.POSITIVE_INFINITY }: SourceLimits = {}) {
  const files = new Map<string, readonly string[]>();
  return ({ filename, lineno }: Frame): string => {
    if (!isAbsolute(filename) || lineno === 0) return '';
    let lines = files.get(filename);
    if (lines === undefined) {
      try {
        const isWanted = statSync(filename).size <= largest;
        lines = isWanted ? readFileSync(filename, 'utf8').split(/\r\n|[\n\r]/) : [];
      } catch {
        lines = [];
      }
      files.set(filename, lines);
    }
    const text = lines[lineno - 1]?.trim() ?? '';
    return text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)}…` : text;
  };
}
