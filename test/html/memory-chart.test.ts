// SPDX-License-Identifier: MIT
// Memory over time in the HTML report, from one dump with its process's history, and from a directory
// of dumps of several processes.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openChromium } from '../support/chromium.js';
import { cli } from '../support/cli.js';
import { snapshotOf } from '../support/snapshots.js';
import { CHROMIUM, withChromium } from '../support/tools.js';

const KEEPER = fileURLToPath(new URL('../fixtures/keeper.mjs', import.meta.url));

let directory: string;
let browser: Browser;
const at = (name: string) => join(directory, name);

beforeAll(async () => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'tracemalloc-')));
  for (const name of ['first', 'second']) {
    mkdirSync(at('dumps'), { recursive: true });
    const [old, now] = [at(`dumps/${name}-1.pb.gz`), at(`dumps/${name}-2.pb.gz`)];
    execFileSync(process.execPath, [KEEPER, old, now]);
  }
  if (CHROMIUM !== undefined) browser = await openChromium();
});
afterAll(async () => {
  await browser?.close();
  rmSync(directory, { recursive: true });
});

async function report(...operands: string[]): Promise<string> {
  const outcome = await cli(['report', ...operands, '-o', at('report.html')]);
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
  return pathToFileURL(at('report.html')).href;
}

async function open(url: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(url);
  await page.locator('main').waitFor();
  return page;
}

const lines = (page: Page) => page.locator('.chart polyline');
const legend = (page: Page) => page.locator('.legend').innerText();

describe('in Chromium', withChromium, () => {
  test('one dump: a line for each kind, with readings by keyboard and mouse', async () => {
    const page = await open(await report(at('dumps/first-2.pb.gz')));
    expect(await lines(page).count()).toBe(4);
    const points = (await lines(page).first().getAttribute('points'))!.split(' ');
    expect(points).toHaveLength(2);
    const now = await legend(page);
    expect(now).toMatch(
      /RSS [\d.]+ MiB\s+V8 heap, used [\d.]+ [KM]iB\s+outside the heap .*\s+traced [\d.]+/,
    );
    const traced = (text: string) => {
      const [, number, unit] = /traced ([\d.]+) ([KM])iB/.exec(text) ?? [];
      return Number(number) * (unit === 'M' ? 1024 ** 2 : 1024);
    };
    const hover = (x: number) => page.locator('.chart').hover({ position: { x, y: 100 } });
    await hover(100);
    // 2,000 arrays of 4,016 bytes were kept between the two readings.
    const before = await legend(page);
    expect(before).not.toBe(now);
    expect(traced(now) - traced(before)).toBeGreaterThan(0.8 * 2000 * 4016);
    await hover(1100);
    expect(await legend(page)).toBe(now);
    await page.locator('.chart').focus();
    await page.keyboard.press('ArrowLeft');
    expect(await legend(page)).toBe(before);
    await page.close();
  });

  test('a directory: the newest dump compared with the oldest of its process, and the memory of all', async () => {
    const page = await open(await report(at('dumps')));
    const text = await page.locator('.headline').innerText();
    expect(text).toMatch(/Live memory grew by [\d.]+ [KM]iB/);
    expect(text).toMatch(/second-2\.pb\.gz.*\n.*second-1\.pb\.gz/);
    expect(await lines(page).count()).toBe(8);
    await page.close();
  });

  test('a profile without memory over time has no graph', async () => {
    await snapshotOf([{ at: ['/a.js:1:f'], size: 8 }]).dump(at('bare.pb.gz'));
    const page = await open(await report(at('bare.pb.gz')));
    expect(await page.locator('.chart').count()).toBe(0);
    await page.close();
  });
});

test('a directory without dumps is an error', async () => {
  mkdirSync(at('empty'));
  expect(await cli(['report', at('empty')])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('there is no dump'),
  });
});
