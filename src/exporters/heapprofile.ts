// SPDX-License-Identifier: MIT
// The JSON of V8's sampling heap profiler, as Chrome DevTools saves and loads it.
import type { Snapshot } from '../snapshot/snapshot.js';
import { plainJson } from '../text/plain-text.js';
import type { Frame } from '../traces/frame.js';
import { type Bytes, bytesOf, requireBytes } from './bytes.js';
import { type StackNode, stackTree } from './stack-tree.js';

const { isAbsolute } = process.getBuiltinModule('node:path');
const { pathToFileURL } = process.getBuiltinModule('node:url');

interface HeapProfileNode {
  callFrame: {
    functionName: string;
    scriptId: string;
    url: string;
    /** 0-based, as all positions of the protocol; -1: unknown. */
    lineNumber: number;
    columnNumber: number;
  };
  selfSize: number;
  id: number;
  children: HeapProfileNode[];
}

/**
 * A `.heapprofile` for the Memory panel of Chrome DevTools, also read by speedscope and editors.
 * It holds bytes by stack and nothing else: no counts, errors, domains or types.
 *
 * `bytes` are the `'live'` ones (default), those `'allocated'` since start, or `'churn'`: those of them
 * that have been collected.
 *
 * @returns JSON text. Lines are those of the allocations; DevTools' own profiles have the line of
 *   the function instead.
 * @throws TracemallocError ERR_INVALID_ARGUMENT when the snapshot has no such bytes.
 * Cost: linear in the frames of all stacks.
 */
export function toHeapProfile(
  snapshot: Snapshot,
  { bytes = 'live' }: { bytes?: Bytes } = {},
): string {
  requireBytes(bytes, snapshot.traces);
  const scripts = new Map<string, string>();
  const samples: { size: number; nodeId: number; ordinal: number }[] = [];
  let nodes = 0;
  const profileNode = ({ frame, traces, children }: StackNode): HeapProfileNode => {
    const id = ++nodes;
    const selfSize = traces.reduce((sum, trace) => sum + bytesOf(trace, bytes), 0);
    if (selfSize > 0) samples.push({ size: selfSize, nodeId: id, ordinal: samples.length + 1 });
    const callFrame = frame === undefined ? ROOT : callFrameOf(frame, scripts);
    return { callFrame, selfSize, id, children: children.map(profileNode) };
  };
  const live = snapshot.traces.filter((trace) => bytesOf(trace, bytes) > 0);
  return plainJson({ head: profileNode(stackTree(live)), samples });
}

const ROOT = { functionName: '(root)', scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 };

function callFrameOf(frame: Frame, scripts: Map<string, string>): HeapProfileNode['callFrame'] {
  const { filename, functionName, lineno, column } = frame;
  // DevTools distinguishes functions of the same name and position by their script's id.
  const scriptId = scripts.get(filename) ?? String(scripts.size + 1);
  scripts.set(filename, scriptId);
  const isLabel = filename.startsWith('(');
  return {
    functionName: functionName || (isLabel ? filename : ''),
    scriptId,
    url: isAbsolute(filename) ? pathToFileURL(filename).href : isLabel ? '' : filename,
    lineNumber: lineno - 1,
    columnNumber: column - 1,
  };
}
