// SPDX-License-Identifier: MIT
// A forked process of parts/start.mjs: loads and starts one tracker; reports the CPU time and the
// elapsed time, in ms.
import { trackers } from '../library/trackers.mjs';

const tracker = trackers[process.argv[2]].create();
const before = process.cpuUsage();
const begun = performance.now();
await tracker.start();
const passed = performance.now() - begun;
const { user, system } = process.cpuUsage(before);
process.send({ cpu: (user + system) / 1000, passed });
process.disconnect();
