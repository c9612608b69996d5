// SPDX-License-Identifier: MIT
// Uses the inspector as DevTools does: CPU profile, coverage, heap snapshot, a pause, sampling.
import { Session } from 'node:inspector/promises';
import { keep } from './keep.mjs';

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.start');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
console.log(keep());
const { result } = await session.post('Profiler.takePreciseCoverage');
const mine = result.find(({ url }) => url.endsWith('/keep.mjs'));
console.log(mine.functions.map(({ functionName, ranges }) => `${functionName} ${ranges[0].count}`));
const { profile } = await session.post('Profiler.stop');
console.log(profile.nodes.length > 2);

let chunks = 0;
session.on('HeapProfiler.addHeapSnapshotChunk', () => chunks++);
await session.post('HeapProfiler.takeHeapSnapshot');
console.log(chunks > 0);

await session.post('Debugger.enable');
let paused = 0;
session.on('Debugger.paused', () => paused++);
// biome-ignore lint/suspicious/noDebugger: it is what is to be seen
debugger;
console.log(await session.post('Runtime.evaluate', { expression: '[1, 2, 3].length' }), paused);
session.disconnect();
