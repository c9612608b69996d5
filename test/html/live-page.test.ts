// SPDX-License-Identifier: MIT
// The live page in Chromium, with a real service whose memory the test controls.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import { namesIn, openChromium } from '../support/chromium.js';
import { type Service, startService } from '../support/service.js';
import { CHROMIUM, withChromium } from '../support/tools.js';

const LIVE = new URL('../fixtures/live-service.mjs', import.meta.url);
const PATH = '/debug/tracemalloc/';
/** The page is updated every two seconds. */
const POLL = { timeout: 20_000 };

let browser: Browser;
let service: Service;
let page: Page;
const complaints: string[] = [];
const addresses = new Set<string>();

beforeAll(async () => {
  if (CHROMIUM !== undefined) browser = await openChromium();
});
afterAll(() => browser?.close());
afterEach(async () => {
  await page?.context().close();
  await service?.stop();
  complaints.length = 0;
  addresses.clear();
});

async function serve(options: object = {}, port = '0'): Promise<void> {
  const args = [port, JSON.stringify(options)];
  service = await startService(LIVE, { args, nodeArgs: ['--expose-gc'] });
}

async function open(options: BrowserContextOptions = {}): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  page = await context.newPage();
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => addresses.add(new URL(request.url()).pathname));
  await page.goto(service.origin + PATH);
  await page.locator('.status.live').waitFor();
}

const keep = async (n: number) => (await fetch(`${service.origin}/keep?n=${n}`)).text();
const button = (name: string) => page.getByRole('button', { name, exact: true });
const topRow = () => page.locator('.sites tbody tr').first().innerText();
const points = async () => {
  const lines = await page.locator('.chart polyline.rss').all();
  const texts = await Promise.all(lines.map((line) => line.getAttribute('points')));
  return texts.map((text) => text!.split(' ').length);
};

const UNITS = { KiB: 1024, MiB: 1024 ** 2 };
/** The growth in bytes of the line that keeps memory, from the table. */
async function growth(): Promise<number> {
  const row = page.locator('.sites tbody tr').filter({ hasText: 'kept.push' }).first();
  const [, sign, number, unit] =
    /^([+-])([\d.]+) (KiB|MiB)/.exec(await row.innerText().catch(() => '')) ?? [];
  if (number === undefined) return 0;
  return Number(`${sign}${number}`) * UNITS[unit as keyof typeof UNITS];
}
// 500 elements and a header; at one sample per 1,024 bytes, an array's error is a few percent of
// one, so the error of hundreds of arrays is far below one percent.
const bytesOf = (arrays: number) => arrays * 4016;
const isAbout = (bytes: number, arrays: number) =>
  bytes > 0.9 * bytesOf(arrays) && bytes < 1.1 * bytesOf(arrays) + 64 * 1024;

describe('in Chromium', withChromium, () => {
  test('assistive technology is told a name of all that can be used or read', async () => {
    await serve();
    await keep(500);
    await open();
    await page.locator('.chart svg').waitFor();
    await page.locator('.sites tbody tr').first().waitFor();
    const { named, unnamed } = namesIn(await page.locator('body').ariaSnapshot());
    expect(named).toBeGreaterThan(30);
    expect(unnamed).toEqual([]);
  });

  test('the graph moves, and the table shows the growth since the page was opened', async () => {
    await serve();
    await keep(500);
    await open();
    const [before = 0] = await points();
    await keep(1000);
    await expect.poll(async () => isAbout(await growth(), 1000), POLL).toBe(true);
    expect(await topRow()).toMatch(/live-service\.mjs:\d+.* keep\s+kept\.push\(new Array\(500\)/);
    const text = await page.locator('.headline').innerText();
    expect(text).toMatch(/Live memory grew by [\d.]+ [KM]iB in \d+ s/);
    expect(text).toMatch(/\d+ % of the growth, .* comes from .*live-service\.mjs:\d+ in keep/);
    await expect.poll(async () => (await points())[0], POLL).toBeGreaterThan(before + 1);
    const age = page.locator('.sites tbody tr').first().locator('td.age');
    await expect.poll(() => age.innerText(), POLL).toMatch(/^\d+ s\s+oldest \d+ s, /);
    expect(complaints).toEqual([]);
    expect([...addresses].sort()).toEqual([PATH, `${PATH}events`]);
  });

  test('growth can be compared with a snapshot, or with the beginning', async () => {
    await serve();
    await open();
    await keep(1000);
    await button('Take snapshot').click();
    const choices = page.getByRole('group', { name: 'Compare with' }).getByRole('radio');
    await expect.poll(() => choices.count(), POLL).toBe(2);
    // Taken at the click, not at the last update.
    await expect.poll(async () => isAbout(await growth(), 1000), POLL).toBe(true);
    await choices.last().check();
    await expect.poll(growth, POLL).toBeLessThan(64 * 1024);
    await keep(300);
    await expect.poll(async () => isAbout(await growth(), 300), POLL).toBe(true);
    expect(await choices.last().isChecked()).toBe(true);
    await choices.first().check();
    await expect.poll(async () => isAbout(await growth(), 1300), POLL).toBe(true);
    expect(await page.locator('.chart text').allTextContents()).toContain('beginning');
  });

  test('a span of time that is dragged on the graph shows what was allocated in it', async () => {
    await serve();
    await keep(2000);
    await open();
    // A single reading is drawn as two points.
    await expect.poll(async () => (await points())[0], POLL).toBeGreaterThan(2);
    await keep(700);
    const [before = 0] = await points();
    await expect.poll(async () => (await points())[0], POLL).toBeGreaterThan(before + 1);
    await keep(1500);
    const [later = 0] = await points();
    await expect.poll(async () => (await points())[0], POLL).toBeGreaterThan(later + 1);
    expect(await button('Show everything').isVisible()).toBe(false);
    // From the reading before the 700 to the one before the 1500; the graph does not move meanwhile.
    await button('Pause').click();
    const xs = (await page.locator('.chart polyline.rss').first().getAttribute('points'))!
      .split(' ')
      .map((point) => Number(point.split(',')[0]));
    await page.locator('.chart').scrollIntoViewIfNeeded();
    const box = (await page.locator('.chart svg').boundingBox())!;
    await page.mouse.move(box.x + xs[before - 1]!, box.y + 100);
    await page.mouse.down();
    await page.mouse.move(box.x + xs[later - 1]!, box.y + 100, { steps: 5 });
    await page.mouse.up();
    await button('Show everything').waitFor();
    await expect.poll(async () => isAbout(await growth(), 700), POLL).toBe(true);
    expect(await page.locator('h1').innerText()).toMatch(
      /^[\d.]+ [KM]iB that was allocated from .* to .* lives/,
    );
    await button('Resume').click();
    await keep(100);
    const [last = 0] = await points();
    await expect.poll(async () => (await points())[0], POLL).toBeGreaterThan(last + 1);
    expect(isAbout(await growth(), 700)).toBe(true);
    await button('Show everything').click();
    await expect.poll(async () => isAbout(await growth(), 2300), POLL).toBe(true);
    await page.locator('.chart').focus();
    await page.keyboard.press('Shift+ArrowLeft');
    await button('Show everything').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => button('Show everything').isVisible()).toBe(false);
    expect(complaints).toEqual([]);
  });

  test('the GC button collects garbage', async () => {
    await serve();
    await keep(1000);
    await open();
    await page.getByRole('searchbox').fill('kept.push');
    await (await fetch(`${service.origin}/drop`)).text();
    await button('Collect garbage').click();
    await expect.poll(async () => isAbout(-(await growth()), 1000), POLL).toBe(true);
    expect(await page.locator('h1').innerText()).toMatch(/^Live memory shrank by/);
  });

  test('after a restart the page continues with the new process, and shows both', async () => {
    await serve();
    await open();
    await keep(1000);
    const port = new URL(service.origin).port;
    await service.stop();
    await expect
      .poll(() => page.locator('.status').innerText(), POLL)
      .toMatch(/^no connection; the figures are those of \d\d:\d\d:\d\d; trying again$/);
    await serve({}, port);
    await page.locator('.status.live').waitFor();
    await expect
      .poll(() => page.locator('.headline').innerText(), POLL)
      .toContain(`pid ${service.child.pid}`);
    expect(await points()).toHaveLength(2);
    await keep(400);
    await expect.poll(async () => isAbout(await growth(), 400), POLL).toBe(true);
  });

  test('the browser asks for the token as a password, and then sends it with each request', async () => {
    await serve({ token: 'secret' });
    const refused = await browser.newPage({ httpCredentials: { username: '', password: 'wrong' } });
    expect((await refused.goto(service.origin + PATH))?.status()).toBe(401);
    await refused.close();
    await open({ httpCredentials: { username: '', password: 'secret' } });
    await button('Take snapshot').click();
    const choices = page.getByRole('group', { name: 'Compare with' }).getByRole('radio');
    await expect.poll(() => choices.count(), POLL).toBe(2);
  });

  test('an update keeps open rows, the focus and a zoomed graph; Pause stops updates', async () => {
    await serve();
    await keep(1000);
    await open();
    const where = page.locator('button.where').filter({ hasText: 'live-service.mjs' }).first();
    await where.press('Enter');
    const frame = page.locator('g.frame').filter({ hasText: 'keep' }).first();
    await frame.click();
    await where.focus();
    const turn = (await points())[0]!;
    await keep(1000);
    await expect.poll(async () => (await points())[0], POLL).toBeGreaterThan(turn + 1);
    expect(await page.locator('.stack').count()).toBeGreaterThan(0);
    expect(await page.evaluate('document.activeElement.innerText')).toContain('live-service.mjs');
    expect(await page.locator('g.frame.current').count()).toBe(1);
    await button('Pause').click();
    const paused = await page.locator('main').innerText();
    await keep(1000);
    await new Promise((resolve) => setTimeout(resolve, 4500));
    expect(await page.locator('main').innerText()).toBe(paused);
    await button('Resume').click();
    await expect.poll(() => page.locator('main').innerText(), POLL).not.toBe(paused);
  });

  test.each([undefined, 'secret'])('the saved file is a dump; token: %s', async (token) => {
    await serve({ token });
    await open({ httpCredentials: { username: '', password: token ?? '' } });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Save as a file' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('heap.pb.gz');
    const { process } = await Snapshot.load(await download.path());
    expect(process.pid).toBe(service.child.pid);
  });

  test('a button at each row shows who holds its objects, or why that is not known', async () => {
    await serve();
    await keep(1000);
    await (await fetch(`${service.origin}/memory`)).text();
    await open();
    // With others that grow, it would not stay among the first rows.
    await page.getByRole('searchbox').fill('kept.push');
    const row = page
      .locator('.sites tbody tr')
      .filter({ hasText: 'kept.push(new Array(500).fill(1))' })
      .first();
    const why = row.getByRole('button', { name: /^Who holds it: .*live-service\.mjs:\d+$/ });
    await why.press('Enter');
    const tree = row.locator('.holders');
    await expect
      .poll(
        () =>
          tree
            .locator('li')
            .allInnerTexts()
            .catch(() => []),
        POLL,
      )
      .toContainEqual(expect.stringMatching(/^variable `kept` of module .*live-service\.mjs/));
    expect(await tree.locator('li li li').first().innerText()).toBe('Array');
    expect(await tree.innerText()).toMatch(/20 of \d+ samples were looked at/);
    const turn = (await points())[0]!;
    await expect.poll(async () => (await points())[0], POLL).toBeGreaterThan(turn);
    expect(await tree.innerText()).toContain('variable `kept`');
    expect(await why.getAttribute('aria-expanded')).toBe('true');
    expect(await page.evaluate('document.activeElement.innerText')).toBe('Who holds it');
    await why.press('Enter');
    expect(await tree.count()).toBe(0);
    expect(complaints).toEqual([]);
    await (await fetch(`${service.origin}/stop`)).text();
    await why.press('Enter');
    await expect
      .poll(
        () =>
          row
            .getByRole('status')
            .innerText()
            .catch(() => ''),
        POLL,
      )
      .toMatch(/^tracemalloc: not tracing; call start\(\)/);
  });

  test('on a narrow screen nothing overflows, and the dark scheme is used', async () => {
    await serve();
    await open({ viewport: { width: 400, height: 800 }, colorScheme: 'dark' });
    const evaluate = (text: string) => page.evaluate(text);
    expect(await evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThan(1);
    expect(await evaluate('getComputedStyle(document.body).backgroundColor')).toBe(
      'rgb(22, 24, 29)',
    );
  });
});
