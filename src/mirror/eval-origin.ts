// SPDX-License-Identifier: MIT
// The name of an eval's text without a name of its own: `eval at f (/app/a.js:3:5)`, perhaps nested.
// V8 gives the position in the text that ran.
import type { Position } from './source-maps.js';

const ORIGIN = /^(eval at .*\()((?:\/|file:).*):(\d+):(\d+)(\)+)$/;

/**
 * The name with the place in the source.
 *
 * @param original - the place in the source of one in the text; undefined: its script is not known.
 * @returns the name without line and column if they would be approximate; unchanged if the script is
 *   not known, or the name is not an eval's.
 */
export function evalOrigin(
  name: string,
  original: (generated: Position) => Position | undefined,
): string {
  const [, begin, filename = '', line, column, end] = ORIGIN.exec(name) ?? [];
  if (begin === undefined) return name;
  const at = original({ filename, line: Number(line), column: Number(column) });
  if (at === undefined) return name;
  const place = at.isApproximate ? at.filename : `${at.filename}:${at.line}:${at.column}`;
  return `${begin}${place}${end}`;
}
