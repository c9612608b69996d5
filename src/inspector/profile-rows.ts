// SPDX-License-Identifier: MIT
// Converts a profile of V8's sampler to rows like the mirror's.
import type { WireCounters, WireFrame, WireSite } from '../mirror/rows.js';
import type { Tables } from '../recorder/recorder.js';
import { type Group, ObjectSizes, type Objects, type SizesOptions } from './object-sizes.js';
import type { Profile, ProfileNode, ProfileSample } from './sampler.js';
import { boundedName, scriptName } from './script-name.js';

interface Row {
  readonly site: WireSite;
  /** What the counters are made from: if it has not changed, the counters have not either. */
  readonly told: string;
  readonly counters: WireCounters;
}

type NodeSamples = Map<number, ProfileSample[]>;

export class ProfileRows {
  readonly #sizes: ObjectSizes;
  readonly #tracebackLimit: number;
  // By the id of the node; only those of the last profile.
  #rows = new Map<number, Row>();
  #frames = new Map<string, WireFrame>();

  constructor({ tracebackLimit, ...sizes }: SizesOptions & { readonly tracebackLimit: number }) {
    this.#sizes = new ObjectSizes(sizes);
    this.#tracebackLimit = tracebackLimit;
  }

  /** Unchanged sites and counters are the same objects as before. */
  tables({ head, samples }: Profile): Tables {
    const rows = new Map<number, Row>();
    const frames = new Map<string, WireFrame>();
    this.#add(head, samplesByNode(samples), { path: [], rows, frames });
    this.#rows = rows;
    this.#frames = frames;
    const all = [...rows.values()];
    return { sites: all.map(({ site }) => site), counters: all.map(({ counters }) => counters) };
  }

  #add(
    node: ProfileNode,
    samples: NodeSamples,
    found: { path: WireFrame[]; rows: Map<number, Row>; frames: Map<string, WireFrame> },
  ): void {
    const { path, rows, frames } = found;
    const own = samples.get(node.id);
    if (own !== undefined) rows.set(node.id, this.#row(node, own, path));
    for (const child of node.children) {
      path.push(this.#frame(child, frames));
      this.#add(child, samples, found);
      path.pop();
    }
  }

  #row(node: ProfileNode, samples: readonly ProfileSample[], path: readonly WireFrame[]): Row {
    const before = this.#rows.get(node.id);
    const groups = groupsOf(samples);
    const told = `${node.selfSize} ${groups.map((group) => `${group.told} ${group.samples}`)}`;
    if (before?.told === told) return before;
    const site = before?.site ?? {
      domain: 'heap',
      labels: 0,
      frames: path.slice(-this.#tracebackLimit).reverse(),
      // V8 does not report the length of a longer stack.
      totalFrames: path.length < this.#tracebackLimit ? path.length : 0,
    };
    return { site, told, counters: this.#counters(groups, node.selfSize) };
  }

  #counters(groups: readonly Group[], total: number): WireCounters {
    const objects = this.#sizes.infer(groups, total);
    let [liveSamples, liveSize, liveCount, liveVariance] = [0, 0, 0, 0];
    for (const [i, { samples }] of groups.entries()) {
      const { size, weight } = objects[i] as Objects;
      liveSamples += samples;
      liveSize += samples * size * weight;
      liveCount += samples * weight;
      liveVariance += samples * size * size * weight * (weight - 1);
    }
    const unknown = { allocatedSize: Number.NaN, allocatedCount: Number.NaN, types: [] };
    return { liveSamples, liveSize, liveCount, liveVariance, ...unknown };
  }

  #frame({ callFrame }: ProfileNode, frames: Map<string, WireFrame>): WireFrame {
    const { functionName, scriptId, url, lineNumber, columnNumber } = callFrame;
    const key = `${scriptId} ${lineNumber} ${columnNumber} ${functionName}`;
    let frame = frames.get(key) ?? this.#frames.get(key);
    if (frame === undefined) {
      // Builtins such as push, and V8's labels such as (V8 API), have only a name.
      const isNative = scriptId === '0';
      frame = {
        functionName: boundedName(functionName),
        filename: isNative ? '' : scriptName(url),
        line: isNative ? 0 : Math.max(0, lineNumber + 1),
        column: isNative ? 0 : Math.max(0, columnNumber + 1),
        isApproximate: !isNative,
        isNative,
        isNearColumn: false,
      };
    }
    frames.set(key, frame);
    return frame;
  }
}

function samplesByNode(samples: readonly ProfileSample[]): NodeSamples {
  const byNode: NodeSamples = new Map();
  for (const sample of samples) {
    const known = byNode.get(sample.nodeId);
    if (known === undefined) byNode.set(sample.nodeId, [sample]);
    else known.push(sample);
  }
  return byNode;
}

/** Ascending, so that the order of the samples does not matter. */
function groupsOf(samples: readonly ProfileSample[]): Group[] {
  const numbers = new Map<number, number>();
  for (const { size } of samples) numbers.set(size, (numbers.get(size) ?? 0) + 1);
  return [...numbers]
    .map(([told, count]) => ({ told, samples: count }))
    .sort((a, b) => a.told - b.told);
}
