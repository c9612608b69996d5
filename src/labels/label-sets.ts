// SPDX-License-Identifier: MIT
// Sets of labels as numbers, which the addon reads at each sample. There are few: a program that
// makes a label of each user's name must not make a site of each, too.
import { packageVersion } from '../files/package-files.js';
import { sharedByCopies } from '../host/shared-by-copies.js';
import { type Labels, labelsText, NO_LABELS } from '../traces/labels.js';

/** Most sets of a session, without those whose values are {@link OTHER}. */
const MOST_SETS = 256;
const MOST_REST_SETS = 16;

/** The value of a label where there are too many sets to distinguish them. */
const OTHER = '(other)';

/** The labels of all sets once there are too many different sets of names. */
const REST_OF_RESTS: Labels = { label: OTHER };

const known = sharedByCopies(`${packageVersion} label sets`, () => ({
  /**
   * The sets by number; 0 is no labels. Only those of the last two sessions are kept: no context
   * has older ones.
   */
  sets: [NO_LABELS] as (Labels | undefined)[],
  /** The first number of this session. */
  first: 1,
  /** The numbers of this session's sets, by their text. */
  numbers: new Map<string, number>(),
  rests: 0,
}));

/**
 * To be called when tracing starts: an earlier session's sets no longer count towards the limit.
 */
export function beginSets(): void {
  for (let number = 1; number < known.first; number++) known.sets[number] = undefined;
  known.first = known.sets.length;
  known.numbers.clear();
  known.rests = 0;
}

/** The same number for the same labels. Numbers are never used again. */
export function numberOf(labels: Labels): number {
  const text = labelsText(labels);
  if (text === labelsText(NO_LABELS)) return 0;
  const number = known.numbers.get(text);
  if (number !== undefined) return number;
  return known.numbers.size - known.rests < MOST_SETS ? add(labels) : numberOfRest(labels);
}

/** A number that differs for each session that has sets. */
export function sessionOfSets(): number {
  return known.first;
}

export function labelsOf(number: number): Labels {
  return known.sets[number] ?? NO_LABELS;
}

function numberOfRest(labels: Labels): number {
  const rest = Object.fromEntries(Object.keys(labels).map((name) => [name, OTHER]));
  const number = known.numbers.get(labelsText(rest));
  if (number !== undefined) return number;
  const isLast = known.rests >= MOST_REST_SETS - 1;
  const last = isLast ? known.numbers.get(labelsText(REST_OF_RESTS)) : undefined;
  if (last !== undefined) return last;
  known.rests += 1;
  return add(isLast ? REST_OF_RESTS : rest);
}

function add(labels: Labels): number {
  const number = known.sets.push(Object.freeze({ ...labels })) - 1;
  known.numbers.set(labelsText(labels), number);
  return number;
}
