// SPDX-License-Identifier: MIT
// Traces grouped for the table.

import { type Age, AgeSum } from '../traces/age.js';
import { Allocators, allocatorName, type Frames, KIND } from '../traces/charge.js';
import { WITHOUT_LABELS } from '../traces/labels.js';
import { UNKNOWN_TYPE } from '../traces/unknown-type.js';
import { ageAt, chargeOf, type Node, type PageFrame, type PageTrace } from './model.js';

export type Key = 'line' | 'function' | 'file' | 'stack' | 'type' | 'label';

export interface PageSite {
  readonly key: string;
  readonly frame: PageFrame;
  /** The group's traces, for their stacks. */
  readonly traces: PageTrace[];
  /** Its lines such as `file.js:6`, with the live bytes of each. */
  readonly lines: Map<string, number>;
  /** Bytes of the figure that is shown. */
  readonly allocators: Allocators<PageFrame>;
  /** What allocated most of it for this place; empty: the place itself. */
  allocator: string;
  size: number;
  count: number;
  /** Standard error of the figure that is shown: size or change. */
  error: number;
  samples: number;
  /** Bytes allocated since tracing began; undefined: unknown. */
  allocatedSize: number | undefined;
  readonly ages: AgeSum;
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
  readonly frames: Frames;
  readonly hasOld: boolean;
  /** When the figures were read, ms since the epoch. */
  readonly time: number;
}

export function sitesOf(
  traces: readonly PageTrace[],
  { key, frames, hasOld, time }: SiteGrouping,
): PageSite[] {
  const sites = new Map<string, PageSite>();
  for (const trace of traces) {
    const { node, allocator } = chargeOf(trace, frames);
    const ofOthers = nameOfGroup(trace, key);
    const id = ofOthers ?? keyOf(node, key);
    let site = sites.get(id);
    if (site === undefined) {
      site = emptySite(id, ofOthers === undefined ? node.frame : frameOfGroup(ofOthers, key));
      sites.set(id, site);
    }
    site.traces.push(trace);
    // That of a group that is no frame is the line itself.
    const maker = ofOthers === undefined ? allocator : node.frame;
    if (maker !== undefined) {
      const figure = hasOld ? trace.size - trace.oldSize : trace.size;
      site.allocators.add(maker.place, maker, figure);
    }
    const { filename, lineno } = node.frame;
    if (lineno > 0 && trace.size > 0) {
      const line = `${filename}:${lineno}`;
      site.lines.set(line, trace.size + (site.lines.get(line) ?? 0));
    }
    site.size += trace.size;
    site.count += trace.count;
    site.samples += trace.samples;
    site.allocatedSize =
      site.allocatedSize === undefined || trace.allocatedSize === undefined
        ? undefined
        : site.allocatedSize + trace.allocatedSize;
    if (trace.moments !== undefined) {
      site.ages.add({ size: trace.size, age: ageAt(time, trace.moments) });
    }
    if (node.frame.approximate) site.approximateSize += trace.size;
    site.sizeDiff += trace.size - trace.oldSize;
    site.countDiff += trace.count - trace.oldCount;
    site.error += trace.error ** 2 + (hasOld ? trace.oldError ** 2 : 0);
  }
  for (const site of sites.values()) finish(site, hasOld);
  return [...sites.values()];
}

/** How old what lives of it is; undefined: unknown. */
export function ageOf({ ages }: PageSite): Age | undefined {
  return ages.age;
}

/** Whether anything of it lives, or did before; else it has only churn. */
export function isLive({ size, sizeDiff }: PageSite, hasOld: boolean): boolean {
  return size > 0 || (hasOld && sizeDiff !== 0);
}

/** Bytes: the change since the older snapshot, or what is live. */
export function figureOf({ size, sizeDiff }: PageSite, hasOld: boolean): number {
  return hasOld ? sizeDiff : size;
}

/** The largest figure first. */
export function byFigure(hasOld: boolean): (a: PageSite, b: PageSite) => number {
  return (a, b) => figureOf(b, hasOld) - figureOf(a, hasOld) || b.size - a.size;
}

export function sumOf(sites: readonly PageSite[], hasOld: boolean): number {
  return sites.reduce((sum, site) => sum + figureOf(site, hasOld), 0);
}

function emptySite(key: string, frame: PageFrame): PageSite {
  const live = { size: 0, count: 0, error: 0, samples: 0, approximateSize: 0, allocatedSize: 0 };
  const texts = { allocator: '', type: '', text: '' };
  const allocators = new Allocators<PageFrame>();
  const lines = new Map<string, number>();
  return {
    key,
    frame,
    traces: [],
    lines,
    allocators,
    ages: new AgeSum(),
    ...live,
    sizeDiff: 0,
    countDiff: 0,
    ...texts,
  };
}

/** Of a group that is no frame; undefined: it is one. */
function nameOfGroup({ type, labels }: PageTrace, key: Key): string | undefined {
  if (key === 'type') return type || UNKNOWN_TYPE;
  return key === 'label' ? labels || WITHOUT_LABELS : undefined;
}

/** In place of a frame. */
function frameOfGroup(filename: string, key: Key): PageFrame {
  const nothing = { lineno: 0, functionName: '', approximate: false, source: '' };
  return { place: `${key} ${filename}`, filename, kind: KIND.own, ...nothing };
}

function finish(site: PageSite, hasOld: boolean): void {
  site.error = Math.sqrt(site.error);
  const bytes = new Map<string, number>();
  for (const trace of site.traces) {
    bytes.set(trace.type, trace.size + (bytes.get(trace.type) ?? 0));
  }
  site.type = [...bytes].sort(([, a], [, b]) => b - a)[0]?.[0] ?? '';
  const allocator = site.allocators.largest(hasOld ? site.sizeDiff : site.size);
  if (allocator !== undefined) site.allocator = allocatorName(allocator, allocator.kind);
  const { filename, lineno, functionName, source } = site.frame;
  const words = [`${filename}:${lineno}`, functionName, source, site.type, site.allocator];
  site.text = words.join(' ').toLowerCase();
}

function keyOf({ id, frame }: Node, key: Key): string {
  switch (key) {
    case 'stack':
      return String(id);
    case 'file':
      return frame.filename;
    case 'function':
      return `${frame.filename}\0${frame.functionName}`;
    default:
      return `${frame.filename}\0${frame.lineno || frame.functionName}`;
  }
}

export interface SiteName {
  /** What of the place comes before its file's name. */
  readonly directory: string;
  readonly place: string;
  readonly name: string;
}

/** The name and the place of a row. */
export function nameOf({ frame }: PageSite, key: Key, paths: Paths): SiteName {
  const { filename, lineno, functionName } = frame;
  if (key === 'type' || key === 'label') return { directory: '', place: filename, name: '' };
  const path = paths.shorten(filename);
  const end = path.startsWith('node:') ? 0 : path.lastIndexOf('/') + 1;
  const [directory, file] = [path.slice(0, end), path.slice(end)];
  const name = functionName || (filename.startsWith('(') ? '' : 'anonymous');
  if (key === 'file') return { directory, place: file, name: '' };
  if (key === 'function' || lineno === 0) return { directory, place: file, name };
  return { directory, place: `${file}:${lineno}`, name };
}

/**
 * File names without the directory that all files of the application share; those of dependencies
 * begin with `node_modules`, as in reports.
 */
export class Paths {
  #common: string | undefined;

  add(frames: Iterable<PageFrame>): void {
    for (const { filename, kind } of frames) {
      if (kind !== KIND.own || !filename.startsWith('/')) continue;
      const directory = filename.slice(0, filename.lastIndexOf('/') + 1);
      this.#common = this.#common === undefined ? directory : sharedStart(this.#common, directory);
    }
  }

  shorten(filename: string): string {
    const common = this.#common ?? '';
    if (common.length > 1 && filename.startsWith(common)) return filename.slice(common.length);
    return filename.replace(/^\/(?:.*?\/)?(?=node_modules\/)/, '');
  }

  /** The text with its file names shortened by the directory that all files share. */
  shortenIn(text: string): string {
    const common = this.#common ?? '';
    return common.length > 1 ? text.replaceAll(common, '') : text;
  }
}

function sharedStart(a: string, b: string): string {
  let end = 0;
  while (end < a.length && a[end] === b[end]) end++;
  return a.slice(0, a.lastIndexOf('/', end - 1) + 1);
}
