// SPDX-License-Identifier: MIT
// Sets of labels as numbers, which the addon reads at each sample. There are few: a program that
// makes a label of each user's name must not make a site of each, too.
import { packageVersion } from '../files/package-files.js';
import { sharedByCopies } from '../host/shared-by-copies.js';
import { type Labels, labelsText, NO_LABELS } from '../traces/labels.js';

/** Of a session, without those whose values are {@link OTHER}. */
const MOST_SETS = 256;
const MOST_REST_SETS = 16;

/** The value of a label, where there are too many sets to tell them apart. */
const OTHER = '(other)';

/** Of sets that have too many different names. */
const REST_OF_RESTS: Labels = { label: OTHER };

const known = sharedByCopies(`${packageVersion} label sets`, () => ({
  /** By number: none first. Those of the last two sessions: older ones may be in no context. */
  sets: [NO_LABELS] as (Labels | undefined)[],
  /** The first of this session. */
  first: 1,
  /** Of this session. */
  numbers: new Map<string, number>(),
  rests: 0,
}));

/** To be called when tracing starts: what an earlier session had too many of is forgotten. */
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

/** Another number for each session that has sets. */
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
