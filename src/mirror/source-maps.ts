// SPDX-License-Identifier: MIT
// Maps generated positions to those in the source, by the source maps of TypeScript and bundles.
// Runs when results are read, never while allocations are sampled. Loaders transform code in
// memory: the map is that of the text which V8 runs, and a position without a map is exact only as
// far as the file holds the same text. A script's map is looked up once, read once, and kept.
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
import {
  ALWAYS,
  fileText,
  hasHash,
  type IsLineOfFile,
  isLabel,
  linesOfFile,
  linesOfFileLater,
  mayHold,
  NEVER,
} from './script-files.js';
import type { Script } from './scripts.js';
import { digestOf, isSameText, shapeOf } from './text-digest.js';
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

/** The data kept for a script. */
interface Known {
  /** Undefined: the script has no usable map. */
  readonly map?: TraceMap;
  readonly parts: number;
  readonly tellsLinesOnly?: boolean;
  /** Lines for which the map is that of the text which V8 runs; else it may belong to the file. */
  readonly isMapped: (line: number) => boolean;
  readonly isLineOfFile: IsLineOfFile;
  /** By source of the map: whether its file holds the text that the map was made from. */
  readonly sources: Map<number, boolean>;
}

/** The data about the script of a stack that has only names. */
export interface NamedScript {
  /** The only script of that name that is noted. */
  readonly named: Script | undefined;
  /** SHA-256 of its text in hexadecimal. */
  readonly hash: string | undefined;
}

/** A note of the addon, or what else is known. */
export type KnownScript = Script | NamedScript | undefined;

// By V8's number of the script, which all sessions of the process share; without one, by file name
// and what else is known.
const known = new Map<number | string, Known>();
let partsKept = 0;
let used = 0;
let broken = 0;

/**
 * The original position of a generated one.
 *
 * @param script - undefined: the file is taken for the text that ran.
 * @returns the position in the source; `generated` itself when its script has no map, the map is
 *   broken, or has no entry for this position; marked approximate if the file may differ there from
 *   the text that ran, or the source's file from the text that the map was made from.
 * Cost: the first position of a script reads the script (and its map), the first one of a source
 *   its file; further ones take some µs.
 */
export function originalPosition(generated: Position, script?: KnownScript): Position {
  const seen = knownOf(generated.filename, script);
  const original = lookUp(seen, generated);
  const { line } = generated;
  const isSure = (original !== undefined && seen.isMapped(line)) || seen.isLineOfFile(line);
  const position = original ?? generated;
  return isSure ? position : { ...position, isApproximate: true };
}

function lookUp(seen: Known, { line, column }: Position): Position | undefined {
  const { map, tellsLinesOnly } = seen;
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
  const isSure = begin === at || isOnLine || tellsLinesOnly;
  return isSure && isUnchanged(seen, sourceIndex) ? position : { ...position, isApproximate: true };
}

// A source may have been changed before its text was mapped, by a loader without a map of its own,
// or afterwards.
function isUnchanged({ map, sources }: Known, index: number): boolean {
  const before = sources.get(index);
  if (before !== undefined) return before;
  const filename = map?.resolvedSources[index];
  const content = map?.sourcesContent?.[index];
  const isSame = !filename || !content || mayHold(filename, content);
  sources.set(index, isSame);
  return isSame;
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
  const key = keyOf(filename, script);
  const before = known.get(key);
  if (before !== undefined) return before;
  const read = { sources: new Map(), ...readScript(filename, script) };
  makeRoomFor(read.parts);
  known.set(key, read);
  if (read.map !== undefined) used++;
  partsKept += read.parts;
  return read;
}

function keyOf(filename: string, script: KnownScript): number | string {
  if (script === undefined) return filename;
  if (!('named' in script)) return script.id;
  return script.hash === undefined
    ? (script.named?.id ?? filename)
    : `${script.hash} ${script.named?.id ?? ''} ${filename}`;
}

type Read = Omit<Known, 'sources'>;

function readScript(filename: string, script: KnownScript): Read {
  if (script === undefined) return ofFile(filename, fileText(filename));
  return 'named' in script ? ofNamed(filename, script) : ofScript(filename, script);
}

function ofNamed(filename: string, { named, hash }: NamedScript): Read {
  const text = fileText(filename);
  if (text === undefined || hash === undefined) {
    return named === undefined ? ofFile(filename, text) : ofScript(filename, named);
  }
  if (hasHash(text, hash)) return ofFile(filename, text);
  // Another text than the file's, so it may be that of the noted script if that is another, too.
  return named !== undefined && !isSameText(named.digest, digestOf(text))
    ? ofScript(filename, named)
    : { ...ofFile(filename, text), isMapped: NEVER, isLineOfFile: NEVER };
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

function ofFile(filename: string, text: string | undefined): Read {
  const isLineOfFile = text !== undefined || isLabel(filename) ? ALWAYS : NEVER;
  const none = { parts: 0, isMapped: NEVER, isLineOfFile };
  if (text === undefined) return none; // not counted as broken
  let url: string | undefined;
  for (const match of text.matchAll(COMMENT)) url = match[1];
  if (url === undefined) return none;
  const lines = 1 + count('\n', text);
  return { ...none, ...orBroken(() => readMap(url, filename, lines)) };
}

function ofScript(filename: string, script: Script): Read {
  const { hasSourceMap, sourceMapUrl: url, digest } = script;
  const text = fileText(filename);
  const compared = () => {
    return { parts: 0, isMapped: NEVER, isLineOfFile: linesOfFile(filename, script, text) };
  };
  if (!hasSourceMap) return compared();
  if (url === undefined) {
    broken++;
    return compared();
  }
  if (!isInline(url)) {
    const map = orUndefined(() => cachedByNode(filename, script));
    return { ...compared(), ...(map ?? orBroken(() => readMap(url, filename, digest.lines))) };
  }
  const map = orBroken(() => readMap(url, filename, digest.lines));
  // A loader that changes a file's text may leave the file's own map in it.
  const isOfFile = text?.includes(url) ?? false;
  // The map is that of a text which may have been put into another one, as into a function: its
  // first line has moved then.
  const isFirstMoved = script.hasColumnOffset || !script.endsWithComment;
  const isMapped = (line: number) => !script.hasLineOffset && (line > 1 || !isFirstMoved);
  if (isOfFile) return { ...compared(), ...map };
  // Needed only where the map has no entry.
  const isLineOfFile = linesOfFileLater(filename, script);
  return { parts: 0, ...map, isMapped, isLineOfFile };
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
