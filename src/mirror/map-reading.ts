// SPDX-License-Identifier: MIT
// Reads a source map and decodes it, within bounds: it is as untrusted as the script.
import type { SectionedSourceMap } from '@jridgewell/trace-mapping';
import { pathOf } from '../files/file-urls.js';
import { readNamedFile } from '../files/named-files.js';
import { contentDigest } from './text-digest.js';
import traceMapping from './trace-mapping.cjs';

const { dirname, isAbsolute, resolve } = process.getBuiltinModule('node:path');
const { fileURLToPath } = process.getBuiltinModule('node:url');

export type TraceMap = InstanceType<ReturnType<typeof traceMapping>['TraceMap']>;

/** The relevant fields of a map before it is decoded: one map, or sections with a map each. */
export interface RawMap {
  readonly mappings?: unknown;
  readonly sources?: unknown;
  readonly sourceRoot?: unknown;
  readonly sourcesContent?: unknown;
  readonly sections?: readonly {
    readonly offset: { readonly line: number };
    readonly map: RawMap;
  }[];
}

export interface DecodedMap {
  /** In place of its sources' texts it has their digests. */
  readonly map: TraceMap;
  readonly parts: number;
  /** It has a segment per line at most, which is meant for the whole line. */
  readonly tellsLinesOnly: boolean;
}

const INLINE = /^data:application\/json(?:;charset=[^;,]+)?(;base64)?,/i;

// XSSI guard that servers may put before JSON; the source map specification requires to drop it.
const GUARD = /^\)\]\}'[^\n]*\n/;

// Maps are read wherever they are, since none of their text is shown.
const MAP = { kinds: /\.(?:map|json)$/i, largest: 32 * 2 ** 20 };

// Most parts of a map: a segment or a line is one, and costs about 100 bytes and a microsecond. A
// bundle of ten megabytes has fewer than a million.
export const MOST_PARTS = 1_000_000;
// A source's URL is resolved; a map within a map takes memory.
const PARTS_OF_SOURCE = 10;
const PARTS_OF_SECTION = 20;

/** Whether the URL is the map itself. */
export function isInline(url: string): boolean {
  return url.slice(0, 5).toLowerCase() === 'data:';
}

/**
 * Reads the map at a URL in a script's text, which may be the map itself.
 *
 * @throws if the map is invalid.
 */
export function readMap(url: string, filename: string, lines: number): DecodedMap {
  const { json, from } = fetchMap(url, filename);
  return decodeMap(JSON.parse(json.replace(GUARD, '')) as RawMap, from, lines);
}

/**
 * @param from - the map's location, to which its sources are relative.
 * @param lines - number of lines of the script.
 * @throws if the map is invalid.
 */
export function decodeMap(raw: RawMap, from: string, lines: number): DecodedMap {
  requireNames(raw);
  requireLines(raw, lines);
  const parts = partsOf(raw);
  if (parts > MOST_PARTS) throw new Error('too large');
  const map = new (traceMapping().FlattenMap)(withDigests(raw) as SectionedSourceMap, from);
  map.resolvedSources.forEach((source, i) => {
    // Relative sources are resolved against the map's own location; show them as paths. A source
    // without a name would be the directory.
    map.resolvedSources[i] = map.sources[i] ? pathOfSource(source) : '';
  });
  const tellsLinesOnly = traceMapping()
    .decodedMappings(map)
    .every((line) => line.length <= 1);
  return { map, parts, tellsLinesOnly };
}

// Sources are URLs, also relative ones: Turbopack escapes the brackets in `app/[id]/route.js`.
function pathOfSource(source: string): string {
  if (!isAbsolute(source)) return pathOf(source);
  try {
    return decodeURIComponent(source);
  } catch {
    return source;
  }
}

// The texts may be larger than all else.
function withDigests(raw: RawMap): RawMap {
  const sections = raw.sections?.map(({ offset, map }) => ({ offset, map: withDigests(map) }));
  const texts: unknown[] = Array.isArray(raw.sourcesContent) ? raw.sourcesContent : [];
  const sources: unknown[] = Array.isArray(raw.sources) ? raw.sources : [];
  // One for each source, or those of a later part would be taken for the missing ones.
  const sourcesContent = sources.map((_, i) => {
    const text = texts[i];
    return typeof text === 'string' ? contentDigest(text) : null;
  });
  const rest = { ...raw, sourcesContent, names: [] };
  return sections === undefined ? rest : { ...rest, sections };
}

// What is no text would become one, and be shown as a file.
function requireNames({ sources = [], sourceRoot = null, sections = [] }: RawMap): void {
  const isName = (one: unknown) => one === null || typeof one === 'string';
  if (!Array.isArray(sources) || ![...sources, sourceRoot].every(isName)) {
    throw new Error('a source that is no text');
  }
  for (const { map } of sections) requireNames(map);
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
    own + PARTS_OF_SOURCE * (Array.isArray(sources) ? sources.length : 0),
  );
}

export function count(character: string, text: string): number {
  let times = 0;
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) times++;
  return times;
}

function fetchMap(url: string, filename: string): { json: string; from: string } {
  const inline = INLINE.exec(url.slice(0, 100));
  if (inline) {
    const data = url.slice(inline[0].length);
    const json = inline[1]
      ? Buffer.from(data, 'base64').toString('utf8')
      : decodeURIComponent(data);
    return { json, from: filename };
  }
  if (isInline(url)) throw new Error('a map of another kind');
  if (!url.startsWith('file:') && !isAbsolute(filename)) throw new Error('relative to nothing');
  const path = url.startsWith('file:')
    ? fileURLToPath(url)
    : resolve(dirname(filename), decodeURIComponent(url));
  const json = readNamedFile(path, MAP);
  if (json === undefined) throw new Error('no map to read');
  return { json, from: path };
}
