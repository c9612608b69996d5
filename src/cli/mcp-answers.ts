// SPDX-License-Identifier: MIT
// How long an answer of the MCP server may be: what a service says must not fill an assistant's
// memory.

/** Characters. */
const MOST = 100_000;

/** The first half of a character of two. */
const HALF = /[\uD800-\uDBFF]$/;

/** The text, or its first lines and how much was cut. */
export function bounded(text: string): string {
  if (text.length <= MOST) return text;
  const end = text.lastIndexOf('\n', MOST);
  const kept = text.slice(0, end > 0 ? end : MOST).replace(HALF, '');
  // A block is closed, so that what follows is not in it; so is a line that is a code span.
  const [fence] = /^`{3,}/.exec(text) ?? [];
  const isOpenSpan = (kept.slice(kept.lastIndexOf('\n') + 1).split('`').length - 1) % 2 === 1;
  const closing = fence === undefined ? (isOpenSpan ? '`' : '') : `\n${fence}`;
  return `${kept}${closing}\n\ncut: ${text.length - kept.length} more characters; ask for less`;
}
