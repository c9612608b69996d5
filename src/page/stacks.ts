// SPDX-License-Identifier: MIT
// The stacks behind a row of the table.
import { formatSize } from '../text/size.js';
import { explained } from '../text/special-names.js';
import { KIND } from '../traces/charge.js';
import { element } from './dom.js';
import { type Node, stackOf } from './model.js';
import type { PageSite, Paths } from './sites.js';

const SHOWN = 5;

/** The largest, the allocating frame first. With an older snapshot: those that changed most. */
export function stacksOf(site: PageSite, paths: Paths, hasOld: boolean): HTMLElement {
  const stacks = new Map<string, { size: number; domain: string; frames: Node[] }>();
  for (const trace of site.traces) {
    const frames = stackOf(trace.node).reverse();
    const key = `${trace.domain} ${frames.map(({ frame }) => frame.place).join()}`;
    const stack = stacks.get(key) ?? { size: 0, domain: trace.domain, frames };
    stacks.set(key, stack);
    stack.size += hasOld ? trace.size - trace.oldSize : trace.size;
  }
  const largestFirst = [...stacks.values()].sort((a, b) => b.size - a.size);
  const items = largestFirst.slice(0, SHOWN).map(({ size, domain, frames }) => {
    const lines = frames.map(({ frame }) =>
      element(
        'li',
        {
          class: frame.kind === KIND.internal ? 'internal' : undefined,
          title: explained(frame.functionName) ?? explained(frame.filename),
        },
        element('code', {}, `${paths.shorten(frame.filename)}:${frame.lineno}`),
        element('code', { class: 'function' }, ` ${frame.functionName}`),
      ),
    );
    const head = element('p', {}, `${formatSize(size, { signed: hasOld })}, ${domain}`);
    return element('div', { class: 'stack' }, head, element('ol', {}, ...lines));
  });
  const rest = largestFirst.length - items.length;
  if (rest > 0) items.push(element('div', {}, `and ${rest} smaller stacks`));
  return element('div', { class: 'stacks' }, ...items);
}
