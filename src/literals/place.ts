// SPDX-License-Identifier: MIT
// Finds the positions of a function's literals. V8 keeps none; what its bytecodes show of the
// literals is compared with the function's source, which V8 has, too. The addon calls this when it
// resolves a frame at a literal, never while allocations are sampled.
import { align, type BytecodeRow } from './align.js';
import { type Item, LiteralOrder, type Part } from './order.js';
import { parse } from './parse.js';

/** Whether all parts are at one place; then, for each part, kind, position, names and length. */
export type LiteralPlace = readonly unknown[] | undefined;

const ALIGNED = 'opqadixtk';

/**
 * @param begin - where the function's text begins in `source`, and where it ends.
 * @param rows - its bytecodes whose positions V8 does not keep, in their order.
 * @returns a place for each row; undefined where it is not known.
 */
export function placeLiterals(
  source: string,
  begin: number,
  end: number,
  rows: readonly BytecodeRow[],
): LiteralPlace[] {
  const first = Math.min(...rows.map(([, told]) => told).filter((told) => told >= 0));
  for (const { root, shift } of parse(source, begin, end, first)) {
    const order = LiteralOrder.of(root, first - shift);
    const answers = answersFrom(source, rows, order, shift, restOf(root));
    if (answers !== undefined) return answers;
  }
  return [];
}

function answersFrom(
  source: string,
  rows: readonly BytecodeRow[],
  order: LiteralOrder,
  shift: number,
  rest: number | undefined,
): LiteralPlace[] | undefined {
  const items = order.items.map((item) =>
    item.end === undefined ? item : { ...item, end: item.end + shift },
  );
  const isAligned = ([letter, , detail]: BytecodeRow) =>
    ALIGNED.includes(letter) ||
    (letter === 'f' &&
      order.functionEnds.has(((detail as number[] | undefined)?.[1] ?? -1) - shift));
  const indices = align(rows.filter(isAligned), items);
  if (indices === undefined) return undefined;
  let next = 0;
  return rows.map((row): LiteralPlace => {
    const [letter, told, detail] = row;
    const index = isAligned(row) ? (indices[next++] as number) : -1;
    const item = items[index];
    if (letter === 'f') return placeOfFunction(detail, order, shift);
    if (item !== undefined) return placeOfItem(item, shift);
    switch (letter) {
      case 'r':
        return rest === undefined ? undefined : [true, 'a', rest + shift, [], undefined];
      case 's':
      case '+':
        return placeOfText(source, letter, told, order, shift);
      case 'b':
      case 'h':
        return typeof detail === 'number' ? [true, '', detail, [], undefined] : undefined;
      default:
        return undefined;
    }
  });
}

function placeOfFunction(detail: unknown, order: LiteralOrder, shift: number): LiteralPlace {
  const [begin, end] = (detail as readonly number[] | undefined) ?? [];
  if (begin === undefined || end === undefined) return undefined;
  const start = order.classes.get(end - shift);
  return [true, 'f', start === undefined ? begin : start + shift, [], undefined];
}

/** The place of an expression that joins strings; `told` is the place of a part of it. */
function placeOfText(
  source: string,
  letter: string,
  told: number,
  order: LiteralOrder,
  shift: number,
): LiteralPlace {
  const at = told - shift;
  const holds = ({ start, end }: { start: number; end: number }) => start <= at && at < end;
  const places = order.templates.some(holds) ? [told] : [];
  for (const addition of letter === '+' ? order.additions.filter(holds) : []) {
    places.push(source.indexOf('+=', addition.target + shift));
  }
  if (places.length === 0) return undefined;
  return [places.length === 1, ...places.flatMap((place) => ['', place, [], undefined])];
}

function placeOfItem(item: Item, shift: number): LiteralPlace {
  if (item.start < 0) return undefined;
  const parts: readonly Part[] =
    item.parts.length > 0 ? item.parts : [{ kind: '', start: item.start }];
  return [
    parts.every(({ start }) => start === item.start),
    ...parts.flatMap(({ kind, start, names, length }) => [kind, start + shift, names, length]),
  ];
}

function restOf(root: { readonly type: string; readonly params?: unknown }): number | undefined {
  const params = (root.params ?? []) as readonly {
    readonly type: string;
    readonly start: number;
  }[];
  const last = params.at(-1);
  return last?.type === 'RestElement' ? last.start : undefined;
}
