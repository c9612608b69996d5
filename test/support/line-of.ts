// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';

/** The number of the line that a comment `// line: NAME` marks. */
export function lineOf(file: string | URL, name: string): number {
  const lines = readFileSync(file, 'utf8').split('\n');
  const index = lines.findIndex((text) => text.endsWith(`// line: ${name}`));
  if (index < 0) throw new Error(`no line of ${file} is marked as ${name}`);
  return index + 1;
}
