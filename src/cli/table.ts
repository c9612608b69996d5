// SPDX-License-Identifier: MIT
import { stripVTControlCharacters } from 'node:util';

export type Columns = readonly ('left' | 'right')[];

/** Lines of rows in aligned columns, two spaces apart; colours take no room. */
export function layOut(columns: Columns, rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map((_, i) => Math.max(0, ...rows.map((row) => width(row[i] ?? ''))));
  return rows.map((row) =>
    columns
      .map((side, i) => {
        const cell = row[i] ?? '';
        const space = ' '.repeat(widths[i]! - width(cell));
        return side === 'left' ? cell + space : space + cell;
      })
      .join('  ')
      .trimEnd(),
  );
}

function width(text: string): number {
  return stripVTControlCharacters(text).length;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what colours begin with
const PARTS = /\u001b\[\d+m|[\s\S]/gu;

/** The first `columns` characters of a line; colours take no room, and end as they would have. */
export function cut(line: string, columns: number): string {
  let room = columns;
  return (line.match(PARTS) ?? [])
    .filter((part) => part.startsWith('\u001b') || room-- > 0)
    .join('');
}
