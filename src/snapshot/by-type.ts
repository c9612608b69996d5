// SPDX-License-Identifier: MIT

import { sharesOf, Trace } from '../traces/trace.js';
import { UNKNOWN_TYPE } from '../traces/unknown-type.js';
import { Snapshot } from './snapshot.js';

/** The part of a snapshot that is objects of one type: a row of the key type `'type'`. */
export function partOfType(snapshot: Snapshot, type: string): Snapshot {
  const traces = snapshot.traces.flatMap((trace) => {
    const share = sharesOf(trace).find((each) => each.type === type);
    if (share === undefined) return [];
    const part = trace.size > 0 ? share.size / trace.size : 1;
    return [
      new Trace({
        ...trace,
        ...{ size: share.size, count: share.count },
        ...{ samples: trace.samples * part, variance: trace.variance * part },
        ...{ allocatedSize: undefined, allocatedCount: undefined },
        age: undefined, // these figures, too, are known of whole stacks only
        types: type === UNKNOWN_TYPE ? [] : [share],
      }),
    ];
  });
  return new Snapshot(traces, snapshot);
}
