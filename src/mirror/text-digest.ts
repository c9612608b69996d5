// SPDX-License-Identifier: MIT
// The digest that the addon makes of a script's text, and the same of a file's: twin of
// native/core/text_digest.h, which explains each field; change both or neither.
import { MurmurOfUnits } from './murmur-hash.js';

export interface TextDigest {
  readonly length: number;
  readonly lines: number;
  readonly first: number;
  readonly rest: number;
  readonly body: number;
  readonly shape: number;
}

/** The lines of a file whose lines and columns are the same in the text that V8 runs. */
export type Agreement = 'all' | 'all but the first' | 'none';

// Node adds this comment when it has put blanks in place of types.
const NAMING = /\n\n\/\/# sourceURL=[^\n]*$/;
const BYTE_ORDER_MARK = '\ufeff';

/** Cost: some milliseconds for each megabyte. */
export function digestOf(file: string): TextDigest {
  return digestOfText(file.startsWith(BYTE_ORDER_MARK) ? file.slice(1) : file);
}

/**
 * The digest with the byte order mark, which Node passes on to V8 in CommonJS, unlike modules and
 * TypeScript; undefined: there is none.
 */
export function markedDigestOf(file: string): TextDigest | undefined {
  return file.startsWith(BYTE_ORDER_MARK) ? digestOfText(file) : undefined;
}

function digestOfText(whole: string): TextDigest {
  const naming = NAMING.exec(whole);
  const text = naming === null ? whole : whole.slice(0, naming.index);
  const feed = text.indexOf('\n');
  const firstEnd = feed === -1 ? text.length : feed;
  const restAt = feed === -1 ? text.length : feed + 1;
  const bodyEnd = Math.max(restAt, text.lastIndexOf('\n'));
  const body = new MurmurOfUnits().add(text, restAt, bodyEnd);
  const shape = new MurmurOfUnits();
  let lines = 0;
  for (let begin = 0; begin <= text.length; lines++) {
    const at = text.indexOf('\n', begin);
    const end = at === -1 ? text.length : at;
    shape.addWord(end - begin);
    begin = end + 1;
  }
  return {
    length: text.length,
    lines,
    first: new MurmurOfUnits().add(text, 0, firstEnd).finish(),
    body: body.finish(),
    rest: body.add(text, bodyEnd, text.length).finish(),
    shape: shape.finish(),
  };
}

/** A short digest that equal texts have in common, whatever their line ends. */
export function contentDigest(text: string): string {
  const whole = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  const lines = whole.replace(/\r\n?/g, '\n');
  return `${lines.length}:${new MurmurOfUnits().add(lines, 0, lines.length).finish()}`;
}

/** {@link TextDigest.shape} of lines with these lengths. */
export function shapeOf(lineLengths: readonly number[]): number {
  const shape = new MurmurOfUnits();
  for (const length of lineLengths) shape.addWord(length);
  return shape.finish();
}

export function isSameText(a: TextDigest, b: TextDigest): boolean {
  return a.length === b.length && a.first === b.first && a.rest === b.rest;
}

/**
 * Which lines of a file V8 runs.
 *
 * @param mayHaveTypes - the file may have been run with blanks in place of its types.
 */
export function agreement(script: TextDigest, file: TextDigest, mayHaveTypes: boolean): Agreement {
  if (isSameText(script, file)) return 'all';
  const isAsLong = script.length === file.length && script.lines === file.lines;
  if (mayHaveTypes && isAsLong && script.shape === file.shape) return 'all';
  // The file's text, wrapped in a function.
  return script.lines > file.lines && script.body === file.rest && file.lines > 1
    ? 'all but the first'
    : 'none';
}
