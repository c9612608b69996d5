// SPDX-License-Identifier: MIT
// The stacks behind a row of the table.
import { formatSize } from '../text/size.js';
import { explained } from '../text/special-names.js';
import { KIND } from '../traces/charge.js';
import { UNKNOWN_TYPE } from '../traces/unknown-type.js';
import { element } from './dom.js';
import { type Node, stackOf } from './model.js';
import type { PageSite, Paths } from './sites.js';

const SHOWN = 5;
const SHOWN_TYPES = 8;

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
  return element('div', { class: 'stacks' }, typesOf(site, hasOld), ...items);
}

/** What the row's memory consists of, if that is several types. */
function typesOf({ traces }: PageSite, hasOld: boolean): HTMLElement | undefined {
  const sizes = new Map<string, number>();
  for (const { type, size, oldSize } of traces) {
    const figure = hasOld ? size - oldSize : size;
    sizes.set(type, figure + (sizes.get(type) ?? 0));
  }
  if (sizes.size < 2) return undefined;
  const largestFirst = [...sizes].sort(([, a], [, b]) => b - a).slice(0, SHOWN_TYPES);
  const texts = largestFirst.map(
    ([type, size]) => `${type || UNKNOWN_TYPE} ${formatSize(size, { signed: hasOld })}`,
  );
  return element('p', { class: 'types' }, texts.join(', '));
}
