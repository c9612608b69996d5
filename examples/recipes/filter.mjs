// SPDX-License-Identifier: MIT
// Filters by file, line, any frame of the stack, and domain.
import { DomainFilter, Filter, start, takeSnapshot, track } from 'tracemalloc';

start({ sampleInterval: 4096 });
const rows = Array.from({ length: 20_000 }, (_, id) => ({ id }));
for (const name of ['logo', 'banner']) track('images', name, 500_000);

const snapshot = takeSnapshot();
const show = (title, filters) => {
  const total = snapshot.filterTraces(filters).traces.reduce((sum, { size }) => sum + size, 0);
  console.log(`${title}: ${Math.round(total / 1024)} KiB`);
};
const file = { filenamePattern: '*/recipes/filter.mjs' };
show('this file', [new Filter({ inclusive: true, ...file })]);
show('its line 6', [new Filter({ inclusive: true, ...file, lineno: 6 })]);
show('all that it caused', [new Filter({ inclusive: true, ...file, allFrames: true })]);
show('images', [new DomainFilter({ inclusive: true, domain: 'images' })]);
console.log(`${rows.length} rows`);
