// SPDX-License-Identifier: MIT
// Compares the text that V8 runs, or from which a source map was made, with the file of that name.
import { readNamedFile } from '../files/named-files.js';
import type { Script } from './scripts.js';
import {
  type Agreement,
  agreement,
  contentDigest,
  digestOf,
  isSameText,
  markedDigestOf,
  type TextDigest,
} from './text-digest.js';

// Files are read wherever they are and whatever they are called, since none of their text is shown.
const SCRIPT = { kinds: /./, largest: 32 * 2 ** 20 };
// Node may run them with blanks in place of their types.
const TYPED = /\.[cm]?tsx?$/i;
// A Windows drive is a letter.
const OTHER_URL = /^(?!file:)[a-z][a-z0-9+.-]+:/i;
// Bundlers give a text the name of the source that it was made from.
const GENERATED = /^(?:webpack|webpack-internal|turbopack|rsc):/;

/** Whether V8 runs this line as it is in the file. */
export type IsLineOfFile = (line: number) => boolean;

export const ALWAYS = () => true;
export const NEVER = () => false;

/** Whether a name without a file stands for the text that ran, and nothing else. */
export function isLabel(filename: string): boolean {
  return !GENERATED.test(filename);
}

/** The text of the file that a script's name means; undefined: there is none to read. */
export function fileText(filename: string): string | undefined {
  if (filename === '' || OTHER_URL.test(filename)) return undefined;
  const read = (name: string) => readNamedFile(name, SCRIPT);
  const text = read(filename);
  // Loaders add a query so that a file runs again.
  const query = text === undefined ? filename.search(/[?#]/) : -1;
  return query === -1 ? text : read(filename.slice(0, query));
}

/** @param text - that of the file; a text that can't be compared is V8's own. */
export function linesOfFile(
  filename: string,
  script: Script,
  text: string | undefined,
): IsLineOfFile {
  if (text === undefined) return isLabel(filename) ? ALWAYS : NEVER;
  const file = digestOf(text);
  const told = script.hasLineOffset ? 'none' : agreementOf(script, file, text, filename);
  if (told === 'all' && !script.hasColumnOffset) return ALWAYS;
  return (line) => told !== 'none' && line > 1 && line <= file.lines;
}

function agreementOf(script: Script, file: TextDigest, text: string, filename: string): Agreement {
  const told = agreement(script.digest, file, TYPED.test(filename));
  if (told !== 'none') return told;
  const marked = markedDigestOf(text);
  // The mark is a column of V8's first line, and of no editor's.
  return marked !== undefined && isSameText(script.digest, marked) ? 'all but the first' : 'none';
}

/** The same; reads the file when it is first asked. */
export function linesOfFileLater(filename: string, script: Script): IsLineOfFile {
  let isLineOfFile: IsLineOfFile | undefined;
  return (line) => {
    isLineOfFile ??= linesOfFile(filename, script, fileText(filename));
    return isLineOfFile(line);
  };
}

/** @param hash - SHA-256 of a text without a byte order mark, in hexadecimal. */
export function hasHash(text: string, hash: string): boolean {
  const { createHash } = process.getBuiltinModule('node:crypto');
  const whole = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  return createHash('sha256').update(whole).digest('hex') === hash;
}

/** Whether a file, if it can be read, holds the text with this digest. */
export function mayHold(filename: string, content: string): boolean {
  const text = fileText(filename);
  return text === undefined || contentDigest(text) === content;
}
