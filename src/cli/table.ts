// SPDX-License-Identifier: MIT
import stringWidth from 'string-width';

export type Columns = readonly ('left' | 'right')[];

/** The room that each column needs. */
export function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: columns }, (_, i) =>
    rows.reduce((most, row) => Math.max(most, stringWidth(row[i] ?? '')), 0),
  );
}

/** What {@link layOut} puts between two columns. */
export const GAP = '  ';

/** Lines of rows in aligned columns, two spaces apart; colours take no room. */
export function layOut(columns: Columns, rows: readonly (readonly string[])[]): string[] {
  const widths = widthsOf(rows);
  return rows.map((row) =>
    columns
      .map((side, i) => {
        const cell = row[i] ?? '';
        const space = ' '.repeat((widths[i] ?? 0) - stringWidth(cell));
        return side === 'left' ? cell + space : space + cell;
      })
      .join(GAP)
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

/** The end of a plain text that fits into `columns`, after a `…` in place of what does not fit. */
export function endOf(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  let room = columns - 1;
  let end = text.length;
  for (const { segment, index } of [...characters.segment(text)].reverse()) {
    room -= stringWidth(segment);
    if (room < 0) break;
    end = index;
  }
  return `…${text.slice(end)}`;
}
