// SPDX-License-Identifier: MIT
// Ways through a syntax tree.
import type { AnyNode, ClassBody } from 'acorn';

/** In the order of the source. */
export function childrenOf(node: AnyNode): AnyNode[] {
  const children: AnyNode[] = [];
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child === 'object' && child !== null && typeof child.type === 'string') {
        // A literal's value may be an object of any kind; a shorthand's key is its value.
        if (typeof child.start === 'number' && !children.includes(child)) children.push(child);
      }
    }
  }
  return children.sort((a, b) => a.start - b.start);
}

/** The body of the innermost class that contains all of the text from `first` to `last`. */
export function classAround(root: AnyNode, first: number, last: number): ClassBody | undefined {
  const child = childrenOf(root).find(({ start, end }) => start <= first && last <= end);
  const inner = child === undefined ? undefined : classAround(child, first, last);
  return inner ?? (root.type === 'ClassBody' ? root : undefined);
}
