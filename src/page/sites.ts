// SPDX-License-Identifier: MIT
// Traces grouped for the table.
import { type Charge, chargedNode, type Node, type PageFrame, type PageTrace } from './model.js';

export type Key = 'line' | 'function' | 'file' | 'stack';

export interface PageSite {
  readonly key: string;
  readonly frame: PageFrame;
  /** The group's traces with the nodes to which they are charged, for their stacks. */
  readonly traces: { readonly trace: PageTrace; readonly node: Node }[];
  size: number;
  count: number;
  /** Standard error of the figure that is shown: size or change. */
  error: number;
  samples: number;
  sizeDiff: number;
  countDiff: number;
  /** Bytes whose exact line is not known, but a neighbouring line or the function's first. */
  approximateSize: number;
  type: string;
  /** The text that the filter searches, in lower case. */
  text: string;
}

export interface SiteGrouping {
  readonly key: Key;
  readonly charge: Charge;
  readonly hasOld: boolean;
}

export function sitesOf(
  traces: readonly PageTrace[],
  { key, charge, hasOld }: SiteGrouping,
): PageSite[] {
  const sites = new Map<string, PageSite>();
  for (const trace of traces) {
    const node = chargedNode(trace, charge);
    const id = keyOf(node, key);
    let site = sites.get(id);
    if (site === undefined) {
      site = emptySite(id, node.frame);
      sites.set(id, site);
    }
    site.traces.push({ trace, node });
    site.size += trace.size;
    site.count += trace.count;
    site.samples += trace.samples;
    if (node.frame.approximate) site.approximateSize += trace.size;
    site.sizeDiff += trace.size - trace.oldSize;
    site.countDiff += trace.count - trace.oldCount;
    site.error += trace.error ** 2 + (hasOld ? trace.oldError ** 2 : 0);
  }
  for (const site of sites.values()) finish(site);
  return [...sites.values()].filter(({ size, sizeDiff }) => size > 0 || (hasOld && sizeDiff !== 0));
}

function emptySite(key: string, frame: PageFrame): PageSite {
  const live = { size: 0, count: 0, error: 0, samples: 0, approximateSize: 0 };
  return { key, frame, traces: [], ...live, sizeDiff: 0, countDiff: 0, type: '', text: '' };
}

function finish(site: PageSite): void {
  site.error = Math.sqrt(site.error);
  const bytes = new Map<string, number>();
  for (const { trace } of site.traces) {
    bytes.set(trace.type, trace.size + (bytes.get(trace.type) ?? 0));
  }
  site.type = [...bytes].sort(([, a], [, b]) => b - a)[0]?.[0] ?? '';
  const { filename, lineno, functionName, source } = site.frame;
  site.text = `${filename}:${lineno} ${functionName} ${source} ${site.type}`.toLowerCase();
}

function keyOf({ id, frame }: Node, key: Key): string {
  switch (key) {
    case 'stack':
      return String(id);
    case 'file':
      return frame.filename;
    case 'function':
      return `${frame.filename}\0${frame.functionName}`;
    case 'line':
      return `${frame.filename}\0${frame.lineno || frame.functionName}`;
  }
}

/** The name and the place of a row. */
export function nameOf(
  { frame }: PageSite,
  key: Key,
  paths: Paths,
): { place: string; name: string } {
  const file = paths.shorten(frame.filename);
  const name = frame.functionName || (frame.filename.startsWith('(') ? '' : 'anonymous');
  if (key === 'file') return { place: file, name: '' };
  if (key === 'function' || frame.lineno === 0) return { place: file, name };
  return { place: `${file}:${frame.lineno}`, name };
}

/** File names without the directory that all files of the application share. */
export class Paths {
  #common: string | undefined;

  add(frames: Iterable<PageFrame>): void {
    for (const { filename, kind } of frames) {
      if (kind !== 0 || !filename.startsWith('/')) continue;
      const directory = filename.slice(0, filename.lastIndexOf('/') + 1);
      this.#common = this.#common === undefined ? directory : sharedStart(this.#common, directory);
    }
  }

  shorten(filename: string): string {
    const common = this.#common ?? '';
    const isBelow = common.length > 1 && filename.startsWith(common);
    return isBelow ? filename.slice(common.length) : filename;
  }
}

function sharedStart(a: string, b: string): string {
  let end = 0;
  while (end < a.length && a[end] === b[end]) end++;
  return a.slice(0, a.lastIndexOf('/', end - 1) + 1);
}
