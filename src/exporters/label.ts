// SPDX-License-Identifier: MIT
import type { Frame } from '../traces/frame.js';

const { basename } = process.getBuiltinModule('node:path');

/** A frame in one piece of text, for formats that have no fields: `remember (/app/cache.js:6)`. */
export function labelOf(frame: Frame): string {
  const { filename, lineno } = frame;
  const place = lineno === 0 ? filename : `${filename}:${lineno}`;
  if (filename.startsWith('(')) return `${frame.functionName} ${place}`.trim();
  return `${frame.functionName || '(anonymous)'} (${place})`;
}

/** The function's name, or for an anonymous function its place: `(anonymous cache.js:6)`. */
export function nameOf({ filename, lineno, functionName }: Frame): string {
  if (functionName !== '') return functionName;
  if (filename.startsWith('(')) return filename;
  return `(anonymous ${basename(filename)}:${lineno})`;
}
