// SPDX-License-Identifier: MIT
// Maps generated positions to those of the sources (TypeScript, bundles) by source maps. Runs when
// results are read, never while allocations are sampled. A script's map is looked up and read once,
// and kept; a script without a map costs one scan of its text.
import type { SectionedSourceMap } from '@jridgewell/trace-mapping';
import { readNamedFile } from '../files/named-files.js';
import traceMapping from './trace-mapping.cjs';

const { dirname, isAbsolute, resolve } = process.getBuiltinModule('node:path');
const { fileURLToPath } = process.getBuiltinModule('node:url');

type TraceMap = InstanceType<ReturnType<typeof traceMapping>['TraceMap']>;

/** The relevant fields of a map before it is decoded: one map, or sections with a map each. */
interface RawMap {
  readonly mappings?: unknown;
  readonly sources?: unknown;
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

/** How many source maps could be used so far in this process. */
export interface SourceMapCounts {
  /** Scripts whose map is in use. */
  readonly used: number;
  /** Scripts whose map is missing, too large or unreadable: they keep generated positions. */
  readonly broken: number;
}

// The last comment in the text counts, as in browsers; a bundle may contain those of its parts.
const COMMENT = /^[ \t]*\/\/[#@] sourceMappingURL=(\S+)[ \t]*$/gm;

const INLINE = /^data:application\/json(?:;charset=[^;,]+)?(;base64)?,/i;

// XSSI guard that servers may put before JSON; the source map specification asks to drop it.
const GUARD = /^\)\]\}'[^\n]*\n/;

// A program that compiles code as it runs has new scripts without end.
const MOST_SCRIPTS = 10_000;
// Scripts and maps are read wherever they are, since none of their text is shown.
const SCRIPT = { kinds: /\.(?:[cm]?[jt]sx?|vue|svelte|astro|coffee)$/i, largest: 32 * 2 ** 20 };
const MAP = { kinds: /\.(?:map|json)$/i, largest: 32 * 2 ** 20 };

// What a decoded map holds: about 100 bytes and a microsecond for each segment, line and source. A
// bundle of ten megabytes has fewer than a million.
const MOST_PARTS = 1_000_000;
const MOST_PARTS_KEPT = 4 * MOST_PARTS;
// The memory of a map within a map, in segments.
const PARTS_OF_SECTION = 20;

interface Known {
  /** Undefined: the script has none that can be used. */
  readonly map?: TraceMap;
  readonly parts: number;
}

const maps = new Map<string, Known>();
let partsKept = 0;
let used = 0;
let broken = 0;

/**
 * The original position of a generated one.
 *
 * @returns the position in the source, or `generated` itself if its script has no map, the map is
 *   broken, or does not cover this position.
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

/** Forgets all maps: they are read again when next needed. */
export function clearSourceMaps(): void {
  maps.clear();
  partsKept = 0;
  used = 0;
  broken = 0;
}

function mapOf(filename: string): TraceMap | undefined {
  const known = maps.get(filename);
  if (known !== undefined) return known.map;
  const read = isAbsolute(filename) ? readMap(filename) : NO_MAP;
  makeRoomFor(read.parts);
  maps.set(filename, read);
  partsKept += read.parts;
  return read.map;
}

const NO_MAP: Known = { parts: 0 };

// The oldest maps are removed first. Frames that were already shown don't need them again.
function makeRoomFor(parts: number): void {
  const isFull = maps.size >= MOST_SCRIPTS;
  const most = isFull ? MOST_SCRIPTS / 2 : MOST_SCRIPTS;
  for (const [filename, known] of maps) {
    if (maps.size <= most && partsKept + parts <= MOST_PARTS_KEPT) return;
    if (known.map !== undefined) used--;
    partsKept -= known.parts;
    maps.delete(filename);
  }
}

function readMap(filename: string): Known {
  const text = readNamedFile(filename, SCRIPT);
  if (text === undefined) return NO_MAP; // not counted as broken
  let url: string | undefined;
  for (const match of text.matchAll(COMMENT)) url = match[1];
  if (url === undefined) return NO_MAP;
  try {
    const { json, from } = fetchMap(url, filename);
    const parsed = JSON.parse(json.replace(GUARD, '')) as RawMap;
    requireLines(parsed, 1 + count('\n', text));
    const parts = partsOf(parsed);
    if (parts > MOST_PARTS) throw new Error('too large');
    const map = new (traceMapping().FlattenMap)(parsed as SectionedSourceMap, from);
    // Relative sources are resolved against the map's own location; show them as paths.
    map.resolvedSources.forEach((source, i) => {
      map.resolvedSources[i] = toPath(source);
    });
    used++;
    return { map, parts };
  } catch {
    broken++;
    return NO_MAP;
  }
}

// Decoding a map creates all its lines up to the last one that it mentions.
function requireLines({ mappings, sections = [] }: RawMap, lines: number): void {
  const told = typeof mappings === 'string' ? count(';', mappings) : 0;
  if (told > lines) throw new Error('more lines than the script has');
  for (const { offset, map } of sections) {
    const isWithin = Number.isInteger(offset.line) && offset.line >= 0 && offset.line <= lines;
    if (!isWithin) throw new Error('a part beyond the script');
    requireLines(map, lines);
  }
}

function partsOf({ mappings, sources, sections = [] }: RawMap): number {
  const own = typeof mappings === 'string' ? count(',', mappings) + count(';', mappings) : 0;
  return sections.reduce(
    (sum, { map }) => sum + PARTS_OF_SECTION + partsOf(map),
    own + (Array.isArray(sources) ? sources.length : 0),
  );
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
