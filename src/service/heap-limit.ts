// SPDX-License-Identifier: MIT
// The last words of a process that runs out of heap. They are written by native code, at a moment
// when no JavaScript can run; here is what it has to know beforehand.
import { loadedAddon } from '../addon/loader.js';
import { shown, TracemallocError } from '../errors.js';
import { packageUrl } from '../files/package-files.js';
import { threadId } from '../host/thread.js';
import { requireKnownOptions } from '../options.js';
import { processOrigin } from '../report/origin.js';
import { plainJson } from '../text/plain-text.js';
import { onStop, status } from '../tracer.js';

const { resolve } = process.getBuiltinModule('node:path');

/** What {@link reportNearHeapLimit} accepts. */
export interface HeapLimitOptions {
  /** Lines in the report, 1 to 1000. Default 10. */
  readonly top?: number;
  /** One line of JSON, the default, or text. */
  readonly format?: 'json' | 'text';
  /** Where a pprof profile is written as well, which `Snapshot.load` reads. Default: nowhere. */
  readonly directory?: string | undefined;
}

/** See late.ts. */
export function reportNearHeapLimit(options: HeapLimitOptions = {}): () => void {
  requireKnownOptions(options, ['top', 'format', 'directory']);
  const { top = 10, format = 'json', directory } = options;
  if (!Number.isInteger(top) || top < 1 || top > 1000) {
    throw new TracemallocError(
      'ERR_INVALID_OPTION',
      `top must be an integer from 1 to 1000, not ${shown(top)}`,
    );
  }
  if (format !== 'json' && format !== 'text') {
    throw new TracemallocError(
      'ERR_INVALID_OPTION',
      `format must be 'json' or 'text', not ${shown(format)}`,
    );
  }
  if (directory !== undefined && (typeof directory !== 'string' || directory === '')) {
    throw new TracemallocError(
      'ERR_INVALID_OPTION',
      `directory must be a path, not ${shown(directory)}`,
    );
  }
  const { tracing, sampleInterval, tracebackLimit, domains, precision } = status();
  const addon = loadedAddon();
  if (!tracing || addon === undefined) {
    throw new TracemallocError('ERR_NOT_TRACING', 'not tracing: call start() first');
  }
  const { pid, version: nodeVersion } = process;
  addon.watchHeapLimit({
    top,
    threadId,
    sampleInterval,
    format,
    directory: directory === undefined ? '' : resolve(directory),
    own: packageUrl ?? '',
    reportFacts: members({
      name: 'tracemalloc',
      version: 1,
      pid,
      threadId,
      ...processOrigin(),
      sampleInterval,
    }),
    profileFacts: members({ version: 1, tracebackLimit, sampleInterval, domains, precision }),
    processFacts: members({ pid, threadId, nodeVersion }),
  });
  let isWatching = true;
  const forget = onStop(() => {
    isWatching = false;
    forget();
  });
  return () => {
    // A watch that was begun after another start is somebody else's.
    if (isWatching) addon.unwatchHeapLimit();
  };
}

function members(facts: object): string {
  return plainJson(facts).slice(1, -1);
}
