// SPDX-License-Identifier: MIT
import { labelsText } from '../traces/labels.js';
import { Snapshot } from './snapshot.js';

/** The part of a snapshot with these labels, as text: a row of the key type `'label'`. */
export function partWithLabels(snapshot: Snapshot, text: string): Snapshot {
  const traces = snapshot.traces.filter(({ labels }) => labelsText(labels) === text);
  return new Snapshot(traces, snapshot);
}
