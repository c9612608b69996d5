// SPDX-License-Identifier: MIT
// The page of a report: headline, sites, the process's memory, stacks.
import type { ReportData } from '../html/report-data.js';
import { element, turn } from './dom.js';
import { Explorer } from './explorer.js';
import { help } from './help.js';
import { Holders } from './holders.js';
import { keptRetainers } from './kept-retainers.js';
import { memoryBars } from './memory-bars.js';
import { MemoryChart } from './memory-chart.js';
import { readHistory, readTraces, stackOf } from './model.js';
import { Paths } from './sites.js';

async function show(data: ReportData): Promise<void> {
  const traces = await readTraces(data);
  await turn();
  const paths = new Paths();
  paths.add(traces.flatMap(({ node }) => stackOf(node).map(({ frame }) => frame)));
  await turn();
  const explorer = new Explorer(
    data,
    traces,
    paths,
    new Holders(keptRetainers(data.retainers), paths),
  );
  document.body.append(
    element(
      'main',
      {},
      explorer.headline,
      explorer.sites,
      chart(data),
      memoryBars(data.memory),
      explorer.stacks,
      help(),
    ),
  );
}

function chart(data: ReportData): HTMLElement | undefined {
  const histories = data.histories.map(readHistory);
  if (histories.every((readings) => readings.length < 2)) return undefined;
  const marks = [
    { time: data.old?.timestamp ?? 0, label: 'older snapshot' },
    { time: data.now.timestamp, label: 'snapshot' },
  ];
  const made = new MemoryChart();
  made.show(histories, data.old === undefined ? marks.slice(1) : marks);
  return made.root;
}

show(JSON.parse(document.getElementById('data')?.textContent ?? '') as ReportData);
