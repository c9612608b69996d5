// SPDX-License-Identifier: MIT
// The last report of a process that runs out of heap. Native code writes it, when no JavaScript can
// run; this module passes it everything that it needs beforehand.
import { loadedAddon } from '../addon/loader.js';
import { TracemallocError } from '../errors.js';
import { ownDirectory } from '../files/package-files.js';
import { threadId } from '../host/thread.js';
import { OPTIONS } from '../options.js';
import { processOrigin } from '../report/origin.js';
import { checkOptions, requireKnownOptions } from '../rules.js';
import { onStop } from '../session.js';
import { plainJson } from '../text/plain-text.js';
import { status } from '../tracer.js';
import { checkDirectory } from './dump-path.js';

/** What {@link reportNearHeapLimit} accepts. */
export interface HeapLimitOptions {
  /** Lines in the report, 1 to 1000. Default 8. */
  readonly top?: number;
  /** One line of JSON, the default, or text. */
  readonly format?: 'json' | 'text';
  /** Where a pprof profile is written as well, which `Snapshot.load` reads. Default: nowhere. */
  readonly directory?: string | undefined;
}

/** Only native code can run when the heap is exhausted. */
export function canReportNearHeapLimit(): boolean {
  return loadedAddon() !== undefined;
}

/** See late.ts. */
export function reportNearHeapLimit(options: HeapLimitOptions = {}): () => void {
  requireKnownOptions(options, ['top', 'format', 'directory']);
  const { directory, ...given } = options;
  const { top, format } = checkOptions({ top: OPTIONS.top, format: OPTIONS.plainFormat }, given);
  const path = directory === undefined ? '' : checkDirectory(directory);
  const { tracing, tracebackLimit, domains, precision, reason } = status();
  const addon = loadedAddon();
  if (!tracing) throw new TracemallocError('ERR_NOT_TRACING', 'not tracing: call start() first');
  if (addon === undefined) {
    throw new TracemallocError(
      'ERR_UNSUPPORTED_PLATFORM',
      `only the addon can report when the heap is exhausted: ${reason}`,
    );
  }
  const { pid, version: nodeVersion } = process;
  addon.watchHeapLimit({
    top,
    threadId,
    format,
    directory: path,
    own: ownDirectory ?? '',
    reportFacts: members({
      name: 'tracemalloc',
      version: 1,
      level: 'error',
      pid,
      threadId,
      ...processOrigin(),
      frames: 'own', // as native/report charges
    }),
    profileFacts: members({ version: 1, tracebackLimit, domains, precision }),
    processFacts: members({ pid, threadId, nodeVersion }),
  });
  let isWatching = true;
  const forget = onStop(() => {
    isWatching = false;
    forget();
  });
  return () => {
    // A watch that was begun after another start() belongs to that.
    if (isWatching) addon.unwatchHeapLimit();
  };
}

function members(facts: object): string {
  return plainJson(facts).slice(1, -1);
}
