// SPDX-License-Identifier: MIT
// Markdown for programs that read, and for issues and chats: small, as GitHub shows it. Names are
// code spans, in which nothing but a backtick has a meaning; and in a table, a vertical bar.
import { plain, plainName } from './plain-text.js';

/** A name, which can contain any text, as a code span; an empty one is empty. */
export function markdownCode(name: string): string {
  return name === '' ? '' : span(plainName(name));
}

/**
 * A sentence, as it is where Markdown has no meaning for any of its characters; else as a code
 * span. It is plain text afterwards, of any length.
 */
export function markdownText(text: string): string {
  return HARMLESS.test(text) ? text : span(plain(text));
}

/** A text that others wrote, of any length, as a code span: so it is no sentence of ours. */
export function markdownQuote(text: string): string {
  return text === '' ? '' : span(plain(text));
}

/** Lines as they are. They are plain text already. */
export function markdownBlock(text: string): string {
  const runs = text.match(/`+/g) ?? [];
  const fence = '`'.repeat(Math.max(3, ...runs.map((run) => run.length + 1)));
  return `${fence}text\n${text}\n${fence}`;
}

/** A row of a table, whose cells are Markdown already. */
export type MarkdownRow = readonly string[];

/** The lines of a table. Columns of figures are aligned to the right where it is displayed. */
export function markdownTable(
  header: MarkdownRow,
  columns: readonly ('left' | 'right')[],
  rows: readonly MarkdownRow[],
): string[] {
  const sides = columns.map((side) => (side === 'left' ? '---' : '---:'));
  return [header, sides, ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

// Neither an address, which would become a link, nor an underscore at the end of a word, which
// could begin emphasis.
const HARMLESS = /^(?!.*(?:www\.|:\/|\b_|_\b))[\w .,:;%+±()'"/=-]*$/;

// The escapes of plain text, since a backslash has no meaning within a code span.
function span(text: string): string {
  return `\`${text.replace(/[`|]/g, (mark) => (mark === '|' ? '\\u007c' : '\\u0060'))}\``;
}
