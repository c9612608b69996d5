// SPDX-License-Identifier: MIT
// From the generated position to the one its author knows: TypeScript and bundles through source
// maps. Runs when results are read, never while allocations are sampled. A script's map is looked
// for once, read once, and kept; a script without one costs one look at its text.
import traceMapping from './trace-mapping.cjs';

const { readFileSync } = process.getBuiltinModule('node:fs');
const { dirname, isAbsolute, resolve } = process.getBuiltinModule('node:path');
const { fileURLToPath } = process.getBuiltinModule('node:url');

type TraceMap = InstanceType<ReturnType<typeof traceMapping>['TraceMap']>;

/** A place in a file; line and column are 1-based. */
export interface Position {
  readonly filename: string;
  readonly line: number;
  readonly column: number;
}

/** How source maps fared so far in this process. */
export interface SourceMapCounts {
  /** Scripts whose map is in use. */
  readonly used: number;
  /** Scripts that name a map which is missing or can't be read: their generated positions stay. */
  readonly broken: number;
}

// The last one in the text counts, as in browsers; a bundle may carry its parts' comments inside.
const COMMENT = /^[ \t]*\/\/[#@] sourceMappingURL=(\S+)[ \t]*$/gm;

const INLINE = /^data:application\/json(?:;charset=[^;,]+)?(;base64)?,/i;

// XSSI guard that servers may put before JSON; the source map specification asks to drop it.
const GUARD = /^\)\]\}'[^\n]*\n/;

// A program that compiles code as it runs has new scripts for ever.
const MOST_SCRIPTS = 10_000;

const maps = new Map<string, TraceMap | undefined>();
let used = 0;
let broken = 0;

/**
 * The original position of a generated one.
 *
 * @returns the position in the source, or `generated` itself when its script has no map, the map is
 *   broken, or it says nothing about this position.
 * Cost: the first position of a script reads the script (and its map); further ones take some µs.
 */
export function originalPosition(generated: Position): Position {
  const map = mapOf(generated.filename);
  if (map === undefined || generated.line < 1) return generated;
  const { source, line, column } = traceMapping().originalPositionFor(map, {
    line: generated.line,
    column: Math.max(0, generated.column - 1),
  });
  if (source === null || line === null) return generated;
  return { filename: source, line, column: column + 1 };
}

/** Counts over all scripts seen so far. */
export function sourceMapCounts(): SourceMapCounts {
  return { used, broken };
}

/** Forgets all maps: they are read again when next asked for. */
export function clearSourceMaps(): void {
  maps.clear();
  used = 0;
  broken = 0;
}

function mapOf(filename: string): TraceMap | undefined {
  if (maps.has(filename)) return maps.get(filename);
  if (maps.size >= MOST_SCRIPTS) forgetOldest();
  const map = isAbsolute(filename) ? readMap(filename) : undefined;
  maps.set(filename, map);
  return map;
}

// Frames that are shown already don't ask again.
function forgetOldest(): void {
  for (const [filename, map] of maps) {
    if (map !== undefined) used--;
    maps.delete(filename);
    if (maps.size <= MOST_SCRIPTS / 2) return;
  }
}

function readMap(filename: string): TraceMap | undefined {
  let text: string;
  try {
    text = readFileSync(filename, 'utf8');
  } catch {
    return undefined; // not a file of ours to read; nothing is broken
  }
  let url: string | undefined;
  for (const match of text.matchAll(COMMENT)) url = match[1];
  if (url === undefined) return undefined;
  try {
    const { json, from } = fetchMap(url, filename);
    const { TraceMap } = traceMapping();
    const map = new TraceMap(json.replace(GUARD, ''), from);
    // Relative sources are resolved against the map's own place; show them as paths.
    map.resolvedSources.forEach((source, i) => {
      if (source.startsWith('file:')) map.resolvedSources[i] = fileURLToPath(source);
    });
    used++;
    return map;
  } catch {
    broken++;
    return undefined;
  }
}

function fetchMap(url: string, filename: string): { json: string; from: string } {
  const inline = INLINE.exec(url);
  if (inline) {
    const data = url.slice(inline[0].length);
    const json = inline[1]
      ? Buffer.from(data, 'base64').toString('utf8')
      : decodeURIComponent(data);
    return { json, from: filename };
  }
  const path = url.startsWith('file:')
    ? fileURLToPath(url)
    : resolve(dirname(filename), decodeURIComponent(url));
  return { json: readFileSync(path, 'utf8'), from: path };
}
