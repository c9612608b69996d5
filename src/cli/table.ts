// SPDX-License-Identifier: MIT
import stringWidth from 'string-width';

export type Columns = readonly ('left' | 'right')[];

/** Lines of rows in aligned columns, two spaces apart; colours take no room. */
export function layOut(columns: Columns, rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map((_, i) =>
    rows.reduce((most, row) => Math.max(most, stringWidth(row[i] ?? '')), 0),
  );
  return rows.map((row) =>
    columns
      .map((side, i) => {
        const cell = row[i] ?? '';
        const space = ' '.repeat(widths[i]! - stringWidth(cell));
        return side === 'left' ? cell + space : space + cell;
      })
      .join('  ')
      .trimEnd(),
  );
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what colours begin with
const COLOUR = /(\u001b\[\d+m)/;
const characters = new Intl.Segmenter();

/**
 * The part of a line that fits into `columns`; colours take no room, and end as in the whole line.
 */
export function cut(line: string, columns: number): string {
  let room = columns;
  return line
    .split(COLOUR)
    .map((part) => {
      if (COLOUR.test(part)) return part;
      let text = '';
      for (const { segment } of characters.segment(part)) {
        room -= stringWidth(segment);
        if (room < 0) break;
        text += segment;
      }
      return text;
    })
    .join('');
}
