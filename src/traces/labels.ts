// SPDX-License-Identifier: MIT

/** What the program said it was doing, by name: `{ route: 'GET /users/:id' }`. */
export type Labels = Readonly<Record<string, string>>;

/** Of what was allocated while none were given. */
export const NO_LABELS: Labels = Object.freeze({});

/** The row of what has no labels, where memory is grouped by them. */
export const WITHOUT_LABELS = '(no labels)';

// Of sets that don't change: there are few, and each is that of many traces.
const texts = new WeakMap<Labels, string>([[NO_LABELS, WITHOUT_LABELS]]);

/** `route=GET /users/:id, tenant=a`: the same text for the same labels. */
export function labelsText(labels: Labels): string {
  const known = texts.get(labels);
  if (known !== undefined) return known;
  const names = Object.keys(labels).sort();
  const text = names.map((name) => `${name}=${labels[name]}`).join(', ') || WITHOUT_LABELS;
  if (Object.isFrozen(labels)) texts.set(labels, text);
  return text;
}
