// SPDX-License-Identifier: MIT
// The tree in which people see what a search for retainers has found: on the command line, in
// reports, on pages.
import { plainName } from './plain-text.js';
import {
  ends,
  type RetainerPathText,
  type RetainersText,
  type SiteRetainers,
} from './retainers-text.js';
import { formatCount, formatSize } from './size.js';

/** A step with all that it holds, merged over the paths. */
export interface RetainerBranch {
  readonly text: string;
  /** Samples behind it. */
  readonly count: number;
  /** Most samples first. */
  readonly below: readonly RetainerBranch[];
}

/** Steps of a path; a tree can't be read beyond. */
const MOST_DEEP = 200;

interface Growing {
  count: number;
  readonly below: Map<string, Growing>;
}

/** The paths, merged as far as they begin alike; most samples first. */
export function retainerTree(paths: readonly RetainerPathText[]): RetainerBranch[] {
  const root: Growing = { count: 0, below: new Map() };
  for (const { count, steps } of paths) {
    let at = root;
    for (const text of ends(steps, MOST_DEEP)) {
      let next = at.below.get(text);
      if (next === undefined) {
        next = { count: 0, below: new Map() };
        at.below.set(text, next);
      }
      next.count += count;
      at = next;
    }
  }
  return branches(root);
}

function branches({ below }: Growing): RetainerBranch[] {
  return [...below]
    .map(([text, growing]) => ({ text, count: growing.count, below: branches(growing) }))
    .sort((a, b) => b.count - a.count);
}

/** What there is to say besides the paths, a sentence each. */
export function retainerNotes({ samples, unheld, changed, end }: RetainersText): string[] {
  const without = [
    [
      unheld,
      "without a path: garbage that is not collected yet, or held only by V8's feedback, by native code, by a FinalizationRegistry or by a running function",
    ],
    [changed, 'unsure: they changed during the search, or it did not get to them'],
  ] as const;
  return [
    ...without
      .filter(([count]) => count > 0)
      .map(([count, what]) => `${count} of ${samples} samples ${what}`),
    ...(end === 'complete' ? [] : [`the search ended early, by its limit of ${end}`]),
  ];
}

/** A line for each step, below the one that holds it, with shares of all samples; then the notes. */
export function retainerLines(found: RetainersText): string[] {
  const lines: string[] = [];
  const write = (branches: readonly RetainerBranch[], depth: number, all: number) => {
    for (const { text, count, below } of branches) {
      const share = depth === 0 || count < all ? `  (${count} of ${found.samples})` : '';
      lines.push(`${'  '.repeat(depth)}${depth === 0 ? '' : '→ '}${text}${share}`);
      write(below, depth + 1, count);
    }
  };
  write(retainerTree(found.paths), 0, found.samples);
  const all = [...lines, ...retainerNotes(found)];
  return all.length === 0 ? ['no samples'] : all;
}

/** The same below a line for the site. */
export function siteRetainersText({ site, size, liveSamples, ...found }: SiteRetainers): string {
  const samples = `${formatCount(found.samples)} of ${formatCount(liveSamples)} samples`;
  const lines = retainerLines(found).map((line) => `  ${line}`);
  return [`${plainName(site)}   ${formatSize(size)} (${samples})`, ...lines].join('\n');
}
