// SPDX-License-Identifier: MIT
// Names as people may see them. A file, a function, a class or a server's answer can have any name:
// one that moves the cursor, writes into the clipboard, hides itself or forges the next line. The
// twin for reports without JavaScript is native/report/plain_text.

// Controls, what has no shape of its own (marks of direction, zero widths, fillers), ends of lines
// and paragraphs, and halves of surrogate pairs.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text with all that can't be seen as escapes, as a JavaScript string has them: `\u001b`. */
export function plain(text: string): string {
  return text.replace(HIDDEN, (hidden) => SHORT[hidden] ?? escaped(hidden));
}

const LONGEST_NAME = 512;

/** A name as {@link plain} text; of a very long one the beginning and the end. */
export function plainName(name: string): string {
  if (name.length <= LONGEST_NAME) return plain(name);
  const half = LONGEST_NAME / 2;
  return `${plain(name.slice(0, half))}…${plain(name.slice(-half))}`;
}

/** JSON whose text is plain, too: it is what a program reads, and people look at it in a log. */
export function plainJson(value: unknown): string {
  return JSON.stringify(value).replace(HIDDEN, escaped);
}

function escaped(hidden: string): string {
  let text = '';
  for (let i = 0; i < hidden.length; i++) {
    text += `\\u${hidden.charCodeAt(i).toString(16).padStart(4, '0')}`;
  }
  return text;
}
