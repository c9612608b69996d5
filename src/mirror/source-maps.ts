// SPDX-License-Identifier: MIT
// Maps generated positions to those in the source, by the source maps of TypeScript and bundles.
// Runs when results are read, never while allocations are sampled. Loaders transform code in
// memory: the map is that of the text which V8 runs, and a position without a map is exact only as
// far as the file holds the same text. A script's map is looked up once, read once, and kept.
import { readNamedFile } from '../files/named-files.js';
import {
  count,
  type DecodedMap,
  decodeMap,
  isInline,
  MOST_PARTS,
  type RawMap,
  readMap,
  type TraceMap,
} from './map-reading.js';
import type { Script } from './scripts.js';
import { type Agreement, agreement, digestOf, shapeOf } from './text-digest.js';
import traceMapping from './trace-mapping.cjs';

const { isAbsolute } = process.getBuiltinModule('node:path');
const { pathToFileURL } = process.getBuiltinModule('node:url');

/** A place in a file; line and column are 1-based; column 0: unknown. */
export interface Position {
  readonly filename: string;
  readonly line: number;
  readonly column: number;
  /** The file holds another text than the one that ran, and the position in it is not known. */
  readonly isApproximate?: true;
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

// A program that compiles code as it runs has ever more scripts.
const MOST_SCRIPTS = 10_000;
const MOST_PARTS_KEPT = 4 * MOST_PARTS;
// Scripts are read wherever they are, since none of their text is shown.
const SCRIPT = { kinds: /\.(?:[cm]?[jt]sx?|vue|svelte|astro|coffee)$/i, largest: 32 * 2 ** 20 };
// Node may run them with blanks in place of their types.
const TYPED = /\.[cm]?tsx?$/i;

/** The data kept for a script. */
interface Known {
  /** Undefined: the script has no usable map. */
  readonly map?: TraceMap;
  readonly parts: number;
  readonly tellsLinesOnly?: boolean;
  /** The map belongs to the text that V8 runs; else it may belong to the file. */
  readonly isOfScript?: boolean;
  /** Whether V8 runs this line as it is in the file. */
  readonly agrees: (line: number) => boolean;
}

/**
 * The data about a script besides its name: a note of the addon, the SHA-256 of its text in
 * hexadecimal, or nothing.
 */
export type KnownScript = Script | string | undefined;

// By script; without one, by file name and hash, if there is one.
const known = new Map<Script | string, Known>();
let partsKept = 0;
let used = 0;
let broken = 0;

/**
 * The original position of a generated one.
 *
 * @param script - undefined: the file is taken for the text that ran.
 * @returns the position in the source; `generated` itself when its script has no map, the map is
 *   broken, or has no entry for this position; marked approximate if the file may differ there from
 *   the text that ran.
 * Cost: the first position of a script reads the script (and its map); further ones take some µs.
 */
export function originalPosition(generated: Position, script?: KnownScript): Position {
  const seen = knownOf(generated.filename, script);
  const original = lookUp(seen, generated);
  const isSure = (original !== undefined && seen.isOfScript) || seen.agrees(generated.line);
  const position = original ?? generated;
  return isSure ? position : { ...position, isApproximate: true };
}

function lookUp({ map, tellsLinesOnly }: Known, { line, column }: Position): Position | undefined {
  if (map === undefined || line < 1) return undefined;
  const at = Math.max(0, column - 1);
  const segments = traceMapping().decodedMappings(map)[line - 1] ?? [];
  const next = countUpTo(segments, at);
  // Of several that begin here, the first one counts, as in browsers.
  const first = countUpTo(segments, at - 1);
  const segment = segments[first < next ? first : next - 1];
  if (segment?.length !== 4 && segment?.length !== 5) return undefined;
  const [begin, sourceIndex, sourceLine, sourceColumn] = segment;
  const filename = map.resolvedSources[sourceIndex];
  if (!filename) return undefined;
  const position = { filename, line: sourceLine + 1, column: begin === at ? sourceColumn + 1 : 0 };
  // Between two segments the source may have come to a later line than that of the first one.
  const [, nextIndex, nextLine] = segments[next] ?? [];
  const isOnLine = nextIndex === sourceIndex && nextLine === sourceLine;
  return begin === at || isOnLine || tellsLinesOnly
    ? position
    : { ...position, isApproximate: true };
}

/** How many segments of a line begin at this column or before it. */
function countUpTo(segments: readonly (readonly [number, ...number[]])[], at: number): number {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((segments[middle] as readonly [number])[0] <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Counts over all scripts seen so far. */
export function sourceMapCounts(): SourceMapCounts {
  return { used, broken };
}

/** Forgets all maps: they are read again when next needed. */
export function clearSourceMaps(): void {
  known.clear();
  partsKept = 0;
  used = 0;
  broken = 0;
}

function knownOf(filename: string, script: KnownScript): Known {
  const key = typeof script === 'string' ? `${script} ${filename}` : (script ?? filename);
  const before = known.get(key);
  if (before !== undefined) return before;
  const isNoted = typeof script === 'object';
  const read = isNoted ? ofScript(filename, script) : ofFile(filename, script);
  makeRoomFor(read.parts);
  known.set(key, read);
  if (read.map !== undefined) used++;
  partsKept += read.parts;
  return read;
}

// The oldest maps are removed first. Frames that were already shown don't need them again.
function makeRoomFor(parts: number): void {
  const isFull = known.size >= MOST_SCRIPTS;
  const most = isFull ? MOST_SCRIPTS / 2 : MOST_SCRIPTS;
  for (const [key, { map, parts: own }] of known) {
    if (known.size <= most && partsKept + parts <= MOST_PARTS_KEPT) return;
    if (map !== undefined) used--;
    partsKept -= own;
    known.delete(key);
  }
}

// Bundlers give a text the name of the source that it was made from.
const GENERATED = /^(?:webpack|webpack-internal|turbopack|rsc):/;

const ALWAYS = () => true;
const NEVER = () => false;

// For scripts of which only the name is known, and perhaps a hash.
function ofFile(filename: string, hash?: string): Known {
  const text = textOf(filename);
  const isOther = text === undefined ? GENERATED.test(filename) : hash && hash !== hashOf(text);
  const none = { parts: 0, agrees: isOther ? NEVER : ALWAYS };
  if (text === undefined) return none; // not counted as broken
  let url: string | undefined;
  for (const match of text.matchAll(COMMENT)) url = match[1];
  if (url === undefined) return none;
  const lines = 1 + count('\n', text);
  return { ...none, ...orBroken(() => readMap(url, filename, lines)) };
}

function ofScript(filename: string, script: Script): Known {
  const { hasSourceMap, sourceMapUrl: url } = script;
  const text = textOf(filename);
  if (!hasSourceMap) return { parts: 0, agrees: agreementOf(filename, script, text) };
  if (url === undefined) {
    broken++;
    return { parts: 0, agrees: agreementOf(filename, script, text) };
  }
  const { lines } = script.digest;
  if (isInline(url)) {
    const map = orBroken(() => readMap(url, filename, lines));
    // A loader that changes a file's text may leave the file's own map in it.
    const isOfFile = text?.includes(url) ?? false;
    const agrees = isOfFile
      ? agreementOf(filename, script, text)
      : later(() => agreementOf(filename, script, textOf(filename)));
    return { parts: 0, ...map, isOfScript: !isOfFile && !script.hasOffset, agrees };
  }
  const agrees = agreementOf(filename, script, text);
  const cached = orUndefined(() => cachedByNode(filename, script));
  if (cached !== undefined) return { ...cached, agrees };
  return { parts: 0, ...orBroken(() => readMap(url, filename, lines)), agrees };
}

function textOf(filename: string): string | undefined {
  return isAbsolute(filename) ? readNamedFile(filename, SCRIPT) : undefined;
}

// A text without a file that we may read can't be compared: its positions are V8's.
function agreementOf(filename: string, script: Script, text: string | undefined): Known['agrees'] {
  if (text === undefined) return GENERATED.test(filename) ? NEVER : ALWAYS;
  const file = digestOf(text);
  const told: Agreement = script.hasOffset
    ? 'none'
    : agreement(script.digest, file, TYPED.test(filename));
  if (told === 'all') return ALWAYS;
  return (line) => told === 'all but the first' && line > 1 && line <= file.lines;
}

function hashOf(text: string): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256')
    .update(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)
    .digest('hex');
}

function later(make: () => Known['agrees']): Known['agrees'] {
  let made: Known['agrees'] | undefined;
  return (line) => {
    made ??= make();
    return made(line);
  };
}

// With --enable-source-maps Node keeps maps by name, so the map must be that of a script with the
// same line lengths. Node 26 reads a map when it is requested, so it may still belong to a later
// build.
function cachedByNode(filename: string, script: Script): DecodedMap | undefined {
  if (!isAbsolute(filename)) return undefined;
  const { findSourceMap } = process.getBuiltinModule('node:module');
  const cached = (findSourceMap(filename) ?? findSourceMap(pathToFileURL(filename).href)) as
    | { payload: unknown; lineLengths?: readonly number[] }
    | undefined;
  if (cached?.lineLengths === undefined) return undefined;
  if (shapeOf(cached.lineLengths) !== script.digest.shape) return undefined;
  return decodeMap(cached.payload as RawMap, filename, script.digest.lines);
}

function orBroken(read: () => DecodedMap): DecodedMap | undefined {
  const map = orUndefined(read);
  if (map === undefined) broken++;
  return map;
}

function orUndefined<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
