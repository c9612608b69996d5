// SPDX-License-Identifier: MIT
// The page of a report: headline, the process's memory, sites, stacks.
import type { ReportData } from '../report-data.js';
import { choice, element } from './dom.js';
import { Flame } from './flame.js';
import { headline, memoryBars } from './headline.js';
import { type Charge, readTraces, stackOf } from './model.js';
import { type Key, Paths, sitesOf } from './sites.js';
import { SiteTable } from './table.js';

const data = JSON.parse(document.getElementById('data')?.textContent ?? '') as ReportData;
const traces = readTraces(data);
const hasOld = data.old !== undefined;
const paths = new Paths(traces.flatMap(({ node }) => stackOf(node).map(({ frame }) => frame)));
const table = new SiteTable(hasOld, paths);
const flame = new Flame(traces, hasOld, paths);

let [key, charge, domain, filter]: [Key, Charge, string, string] = ['line', 'app', '', ''];
let chosen = traces;

function update(): void {
  const sites = sitesOf(chosen, { key, charge, hasOld });
  table.show(filter === '' ? sites : sites.filter(({ text }) => text.includes(filter)), key);
  flame.show(chosen, charge, filter);
}

function controls(): HTMLElement {
  const domains = [...new Set(traces.map((trace) => trace.domain))].sort();
  const search = element('input', {
    type: 'search',
    placeholder: 'file, function, source, type',
    'aria-label': 'Filter sites',
  });
  search.addEventListener('input', () => {
    filter = search.value.trim().toLowerCase();
    update();
  });
  return element(
    'div',
    { class: 'controls sticky' },
    choice<Key>(
      'Group by',
      [
        ['line', 'line'],
        ['function', 'function'],
        ['file', 'file'],
        ['stack', 'stack'],
      ],
      key,
      (value) => {
        key = value;
        update();
      },
    ),
    choice<Charge>(
      'Frames',
      [
        ['app', 'app', "Node's own code is charged to its caller"],
        ['own', 'without node_modules', 'dependencies, too, are charged to their callers'],
        ['all', 'all', 'whoever allocated'],
      ],
      charge,
      (value) => {
        charge = value;
        update();
      },
    ),
    domains.length < 2
      ? undefined
      : choice<string>(
          'Memory',
          [['', 'all'], ...domains.map((name) => [name, name] as const)],
          domain,
          (value) => {
            domain = value;
            chosen = domain === '' ? traces : traces.filter((trace) => trace.domain === domain);
            update();
          },
        ),
    element('label', { class: 'search' }, element('span', {}, 'Filter'), search),
  );
}

document.body.append(
  element(
    'main',
    {},
    headline(data, traces, paths),
    memoryBars(data.memory),
    element(
      'section',
      { 'aria-label': 'Sites' },
      element('h2', {}, 'By site'),
      controls(),
      table.root,
    ),
    flame.root,
    element(
      'footer',
      {},
      'Figures are estimates from samples; the thin lines show two standard errors. Live is what has not been collected yet.',
    ),
  ),
);
update();
