// SPDX-License-Identifier: MIT
// Current and peak memory of one phase of a program.
import { getTracedMemory, resetPeak, start } from 'tracemalloc';

start({ sampleInterval: 4096 });
const rows = Array.from({ length: 100_000 }, (_, id) => ({ id }));
const first = getTracedMemory();
resetPeak();
const few = rows.slice(0, 10).map(({ id }) => ({ id }));
const second = getTracedMemory();
const kib = (bytes) => `${Math.round(bytes / 1024)} KiB`;
console.log(`first: current ${kib(first.current)}, peak ${kib(first.peak)}`);
console.log(`second: current ${kib(second.current)}, peak ${kib(second.peak)}`);
console.log(`${rows.length + few.length} rows`);
