// SPDX-License-Identifier: MIT
// From the generated position to the one its author knows: TypeScript and bundles through source
// maps. Runs when results are read, never while allocations are sampled. A script's map is looked
// for once, read once, and kept; a script without one costs one look at its text.
import type { SectionedSourceMap } from '@jridgewell/trace-mapping';
import { readNamedFile } from './named-files.js';
import traceMapping from './trace-mapping.cjs';

const { dirname, isAbsolute, resolve } = process.getBuiltinModule('node:path');
const { fileURLToPath } = process.getBuiltinModule('node:url');

type TraceMap = InstanceType<ReturnType<typeof traceMapping>['TraceMap']>;

/** What matters of one before it is decoded: a map, or parts of a script with a map each. */
interface RawMap {
  readonly mappings?: unknown;
  readonly sections?: readonly {
    readonly offset: { readonly line: number };
    readonly map: RawMap;
  }[];
}

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
// A script names itself, and its map. Of neither any text is shown: wherever it lies, it is read.
const SCRIPT = { kinds: /\.(?:[cm]?[jt]sx?|vue|svelte|astro|coffee)$/i, largest: 32 * 2 ** 20 };
const MAP = { kinds: /\.(?:map|json)$/i, largest: 32 * 2 ** 20 };

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
  const text = readNamedFile(filename, SCRIPT);
  if (text === undefined) return undefined; // nothing is broken
  let url: string | undefined;
  for (const match of text.matchAll(COMMENT)) url = match[1];
  if (url === undefined) return undefined;
  try {
    const { json, from } = fetchMap(url, filename);
    const parsed = JSON.parse(json.replace(GUARD, '')) as RawMap;
    requireLines(parsed, 1 + count('\n', text));
    const map = new (traceMapping().FlattenMap)(parsed as SectionedSourceMap, from);
    // Relative sources are resolved against the map's own place; show them as paths.
    map.resolvedSources.forEach((source, i) => {
      map.resolvedSources[i] = toPath(source);
    });
    used++;
    return map;
  } catch {
    broken++;
    return undefined;
  }
}

// A map's lines are made when it is decoded, up to the last that it speaks of.
function requireLines({ mappings, sections = [] }: RawMap, lines: number): void {
  const told = typeof mappings === 'string' ? count(';', mappings) : 0;
  if (told > lines) throw new Error('more lines than the script has');
  for (const { offset, map } of sections) {
    const isWithin = Number.isInteger(offset.line) && offset.line >= 0 && offset.line <= lines;
    if (!isWithin) throw new Error('a part beyond the script');
    requireLines(map, lines);
  }
}

function count(character: string, text: string): number {
  let times = 0;
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) times++;
  return times;
}

function toPath(source: string): string {
  try {
    return source.startsWith('file:') ? fileURLToPath(source) : source;
  } catch {
    return source;
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
  const json = readNamedFile(path, MAP);
  if (json === undefined) throw new Error('no map to read');
  return { json, from: path };
}
