// SPDX-License-Identifier: MIT
// Escapes names for display. A file, a function, a class or a server's response can contain any
// text, even one that moves the cursor, writes to the clipboard, hides itself or forges the next
// line. The twin for reports without JavaScript is native/report/plain_text.

// Control characters, invisible characters (bidirectional marks, zero widths, fillers), line and
// paragraph separators, and lone surrogates.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The text with all invisible characters escaped as in a JavaScript string: `\u001b`. */
export function plain(text: string): string {
  return text.replace(HIDDEN, (hidden) => SHORT[hidden] ?? escaped(hidden));
}

const LONGEST_NAME = 512;

/** A name as {@link plain} text; a very long one is {@link shortened}. */
export function plainName(name: string, longest = LONGEST_NAME): string {
  return plain(shortened(name, longest));
}

/** A text of more characters than that is cut to its beginning and end. */
export function shortened(text: string, longest = LONGEST_NAME): string {
  if (text.length <= longest) return text;
  const half = Math.floor(longest / 2);
  return `${text.slice(0, half)}…${text.slice(-half)}`;
}

/** JSON whose text is escaped, too: programs read it, but people also see it in logs. */
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
