// SPDX-License-Identifier: MIT
// The text of a frame's line, if its file belongs to the program and may be shown.
import { shown, TracemallocError } from '../errors.js';
import { plain } from '../text/plain-text.js';
import { credentialMask } from './credentials.js';
import { readNamedFile, rootsAt } from './named-files.js';

/**
 * Whether the text of lines is shown: of scripts below the working directory, or below these
 * directories instead.
 */
export type Sources = boolean | readonly string[];

interface FileLine {
  readonly filename: string;
  readonly lineno: number;
}

// Names of files with JavaScript, or with what is compiled to it.
const SCRIPTS = /\.(?:[cm]?[jt]sx?|vue|svelte|astro|coffee)$/i;

const LARGEST_FILE = 8 * 2 ** 20;
/** Bytes of all files together: a dump may name many. */
const LARGEST_SUM = 64 * 2 ** 20;
const LONGEST_LINE = 160;
// As V8 counts lines.
const LINE_END = /\r\n|[\n\r\u2028\u2029]/;

export interface SourceLimits {
  /** Bytes; larger files have no lines. */
  readonly largest?: number;
}

/**
 * Each file is read once, and kept. A file that is not there, or must not be shown, has no lines.
 * What looks like a credential is masked, and the text is escaped: see {@link plain}.
 *
 * @throws TracemallocError ERR_INVALID_OPTION for what is no {@link Sources}.
 */
export function sourceLines(
  sources: Sources,
  { largest = LARGEST_FILE }: SourceLimits = {},
): (place: FileLine) => string {
  requireSources(sources);
  const roots = rootsAt(sources === true ? ['.'] : sources || []);
  if (roots.length === 0) return () => '';
  const files = new Map<string, (at: number) => string>();
  let left = LARGEST_SUM;
  const read = (filename: string) => {
    const rules = { kinds: SCRIPTS, largest: Math.min(largest, left), roots };
    const text = readNamedFile(filename, rules) ?? '';
    left -= Buffer.byteLength(text);
    return credentialMask(text.split(LINE_END));
  };
  return ({ filename, lineno }) => {
    let lineAt = files.get(filename);
    if (lineAt === undefined) {
      lineAt = read(filename);
      files.set(filename, lineAt);
    }
    const text = plain(lineAt(lineno - 1).replaceAll('\t', ' '));
    return text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)}…` : text;
  };
}

/** @throws TracemallocError ERR_INVALID_OPTION. */
export function requireSources(sources: unknown): void {
  if (typeof sources === 'boolean') return;
  if (Array.isArray(sources) && sources.every((each) => typeof each === 'string')) return;
  throw new TracemallocError(
    'ERR_INVALID_OPTION',
    `sources must be a boolean or an array of directories, not ${shown(sources)}`,
  );
}
