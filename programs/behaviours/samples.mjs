// SPDX-License-Identifier: MIT
// Samples the heap itself, through the inspector.
import { Session } from 'node:inspector/promises';
import { keep } from './keep.mjs';

const session = new Session();
session.connect();
await session.post('HeapProfiler.enable');
await session.post('HeapProfiler.startSampling', { samplingInterval: 4096 });
globalThis.kept = Array.from({ length: 1000 }, (_, i) => new Array(100).fill(keep(10) + i));
const { profile } = await session.post('HeapProfiler.stopSampling');
console.log(profile.head.children.length > 0, profile.samples.length > 10);
session.disconnect();
