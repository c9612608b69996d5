// SPDX-License-Identifier: MIT
// Sets of labels as numbers, which the addon reads at each sample. There are few: a program that
// makes a label of each user's name must not make a site of each, too.
import { packageVersion } from '../files/package-files.js';
import { sharedByCopies } from '../host/shared-by-copies.js';
import { type Labels, labelsText, NO_LABELS } from '../traces/labels.js';

/** Sets, without those whose values are {@link OTHER}. */
const MOST_SETS = 256;
const MOST_REST_SETS = 16;

/** The value of a label, where there are too many sets to tell them apart. */
const OTHER = '(other)';

const known = sharedByCopies(`${packageVersion} label sets`, () => ({
  /** By number: none first. */
  sets: [NO_LABELS],
  numbers: new Map([[labelsText(NO_LABELS), 0]]),
  rests: 0,
}));

/** The same number for the same labels. Numbers are never used again. */
export function numberOf(labels: Labels): number {
  const number = known.numbers.get(labelsText(labels));
  if (number !== undefined) return number;
  return known.sets.length - known.rests <= MOST_SETS ? add(labels) : numberOfRest(labels);
}

export function labelsOf(number: number): Labels {
  return known.sets[number] ?? NO_LABELS;
}

function numberOfRest(labels: Labels): number {
  const rest = Object.fromEntries(Object.keys(labels).map((name) => [name, OTHER]));
  const number = known.numbers.get(labelsText(rest));
  if (number !== undefined) return number;
  if (known.rests === MOST_REST_SETS) return 0;
  known.rests += 1;
  return add(rest);
}

function add(labels: Labels): number {
  const number = known.sets.push(Object.freeze({ ...labels })) - 1;
  known.numbers.set(labelsText(labels), number);
  return number;
}
