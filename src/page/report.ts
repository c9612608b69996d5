// SPDX-License-Identifier: MIT
// The page of a report: headline, the process's memory, sites, stacks.
import type { ReportData } from '../html/report-data.js';
import { element } from './dom.js';
import { Explorer } from './explorer.js';
import { headline, memoryBars } from './headline.js';
import { MemoryChart } from './memory-chart.js';
import { readHistory, readTraces, stackOf } from './model.js';
import { Paths } from './sites.js';

const data = JSON.parse(document.getElementById('data')?.textContent ?? '') as ReportData;
const traces = readTraces(data);
const paths = new Paths();
paths.add(traces.flatMap(({ node }) => stackOf(node).map(({ frame }) => frame)));
const explorer = new Explorer(traces, data.old !== undefined, paths);
const histories = data.histories.map(readHistory);

function chart(): HTMLElement | undefined {
  if (histories.every((readings) => readings.length < 2)) return undefined;
  const marks = [
    { time: data.old?.timestamp ?? 0, label: 'older snapshot' },
    { time: data.now.timestamp, label: 'snapshot' },
  ];
  const made = new MemoryChart();
  made.show(histories, data.old === undefined ? marks.slice(1) : marks);
  return made.root;
}

document.body.append(
  element(
    'main',
    {},
    headline(data, traces, paths),
    chart(),
    memoryBars(data.memory),
    explorer.sites,
    explorer.stacks,
    element(
      'footer',
      {},
      'Figures are estimates from samples; the thin lines show two standard errors. Live is what has not been collected yet.',
    ),
  ),
);
