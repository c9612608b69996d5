// SPDX-License-Identifier: MIT
// Which part of a snapshot is looked at, and how it is grouped: the same options for all commands.
import { isAbsolute, relative } from 'node:path';
import { FRAMES_HELP, OPTIONS } from '../options.js';
import { DomainFilter, Filter, LabelFilter } from '../snapshot/filter.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { plainName } from '../text/plain-text.js';
import type { Frame } from '../traces/frame.js';
import type { Values } from './command.js';

export const VIEW = {
  top: {
    value: 'N',
    short: 'n',
    meaning: 'rows shown',
    ...OPTIONS.topRows.text,
  },
  key: {
    value: 'KEY',
    short: 'k',
    meaning: 'group by lineno, filename, function, traceback, type of object, or label',
    ...OPTIONS.keyType.text,
  },
  frames: {
    value: 'WHICH',
    meaning: FRAMES_HELP,
    ...OPTIONS.frames.text,
  },
  include: {
    value: 'PATTERN',
    meaning: 'only files that match, such as "*/src/*"; may be repeated',
    multiple: true,
  },
  exclude: {
    value: 'PATTERN',
    meaning: 'no files that match; may be repeated',
    multiple: true,
  },
  domain: { value: 'NAME', meaning: 'only this kind of memory, such as heap' },
  label: {
    value: 'NAME[=TEXT]',
    meaning: 'only what has this label, such as "route=GET /users/:id"; may be repeated',
    multiple: true,
  },
} as const;

export type View = Values<typeof VIEW>;

/**
 * The part that is looked at: patterns apply to the lines that are shown, and of several one must
 * match; the domain and all labels must match besides.
 */
export function applyView(snapshot: Snapshot, view: Omit<View, 'top' | 'key'>): Snapshot {
  const { include, exclude, domain, label, frames } = view;
  const patterns = [
    ...include.map((filenamePattern) => new Filter({ inclusive: true, filenamePattern })),
    ...exclude.map((filenamePattern) => new Filter({ inclusive: false, filenamePattern })),
  ];
  const others = [
    ...(domain === undefined ? [] : [new DomainFilter({ inclusive: true, domain })]),
    ...label.map(labelFilter),
  ];
  return others.reduce(
    (part, filter) => part.filterTraces([filter]),
    snapshot.filterTraces(patterns, { frames }),
  );
}

function labelFilter(text: string): LabelFilter {
  const end = text.indexOf('=');
  return end < 0
    ? new LabelFilter({ inclusive: true, label: text })
    : new LabelFilter({ inclusive: true, label: text.slice(0, end), value: text.slice(end + 1) });
}

const CHARGED = {
  own: 'charged to your own lines, not to node_modules or Node (--frames)',
  app: "charged to lines that are not Node's (--frames)",
  all: 'charged to the innermost frames (--frames)',
} as const;

/** What {@link applyView} did, in words; a pattern may contain any text. */
export function describeView({ frames, include, exclude, domain, label }: View): string[] {
  return [
    CHARGED[frames],
    ...(domain === undefined ? [] : [`domain ${domain}`]),
    ...label.map((each) => `label ${each}`),
    ...include.map((pattern) => `only ${pattern}`),
    ...exclude.map((pattern) => `without ${pattern}`),
  ];
}

/** A frame as a row shows it, in plain text: paths below the working directory are relative. */
export function placeOf(frame: Frame): { place: string; name: string } {
  const { filename, lineno, functionName } = frame;
  const nearer = isAbsolute(filename) ? relative(process.cwd(), filename) : filename;
  const path = plainName(nearer.startsWith('..') ? filename : nearer);
  return { place: lineno === 0 ? path : `${path}:${lineno}`, name: plainName(functionName) };
}
