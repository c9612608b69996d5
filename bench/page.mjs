// SPDX-License-Identifier: MIT
// How long the HTML report of 10,000 sites keeps its page from answering: for each thing that a user
// does, CPU time of the longest task of the page's thread, milliseconds, as Chromium's own trace
// has it.
//
//   npm run build && node bench/page.mjs
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { toHtml } from '../dist/exporters/index.mjs';
import { Frame, Snapshot, start, stop, Trace, Traceback, takeSnapshot } from '../dist/index.mjs';

const SITES = 10_000;
const SETTLES_MS = 900;

start();
const { process: facts, ...about } = takeSnapshot();
stop();
const traces = Array.from({ length: SITES }, (_, i) => {
  const frames = [
    new Frame('/app/server.js', 10, { functionName: 'listen' }),
    new Frame(`/app/routes/route${i % 40}.js`, 1 + (i % 7), { functionName: `handle${i % 40}` }),
    new Frame(`/app/models/model${i % 500}.js`, 1 + Math.floor(i / 5), { functionName: 'build' }),
  ];
  const size = 1_000_000 / (i + 1) + 100;
  const figures = { size, count: i + 1, samples: 1, variance: 1e9 / (i + 1), types: [] };
  const allocated = { allocatedSize: undefined, allocatedCount: undefined };
  return new Trace({ domain: 'heap', ...figures, ...allocated, traceback: new Traceback(frames) });
});
const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-page-'));
const file = join(directory, 'report.html');
writeFileSync(file, toHtml(new Snapshot(traces, { ...about, process: facts })));

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const sort = (name) => page.getByRole('columnheader', { name }).getByRole('button').click();
  const choose = (group, name) =>
    page.getByRole('group', { name: group }).getByRole('radio', { name, exact: true }).check();
  const actions = {
    open: async () => {
      await page.goto(pathToFileURL(file).href);
      await page.locator('main').waitFor();
    },
    'next page': () => page.getByRole('button', { name: 'Next' }).click(),
    'sort by name': () => sort('Where'),
    'sort by size': () => sort('Size'),
    'all frames': () => choose('Frames', 'all'),
    'by file': () => choose('Group by', 'file'),
    'by stack': () => choose('Group by', 'stack'),
    filter: () => page.getByRole('searchbox').pressSequentially('model7'),
  };
  for (const [name, act] of Object.entries(actions)) {
    console.log(`${name.padEnd(14)} ${(await longestTask(page, act)).toFixed(0).padStart(4)} ms`);
  }
} finally {
  await browser.close();
  rmSync(directory, { recursive: true });
}

async function longestTask(page, act) {
  await browser.startTracing(page, { categories: ['toplevel', '__metadata'] });
  await act();
  await page.waitForTimeout(SETTLES_MS);
  const { traceEvents } = JSON.parse(String(await browser.stopTracing()));
  const isPages = ({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain';
  const threads = new Set(traceEvents.filter(isPages).map(({ tid, pid }) => `${pid} ${tid}`));
  const times = traceEvents
    .filter(({ name, tid, pid }) => name.endsWith('RunTask') && threads.has(`${pid} ${tid}`))
    .map(({ tdur = 0 }) => tdur / 1000);
  return Math.max(...times);
}
