// SPDX-License-Identifier: MIT
// The pictures of docs/find-a-leak.md: Chromium opens the live page of examples/leaky-service while
// requests come in, for about two minutes. Nothing in them is staged.
//
//   node scripts/pictures.mjs        after npm run build
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cwd = join(root, 'examples/leaky-service');
const target = join(root, 'docs/pictures');
const MOST_BYTES = 150_000;
const [WIDTH, MARGIN] = [1000, 12];

const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill();
});

async function serve(module, port = '0') {
  const child = spawn(process.execPath, ['--expose-gc', 'server.js', `./${module}`], {
    cwd,
    env: { ...process.env, PORT: port },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(child);
  const [address] = await once(createInterface(child.stdout), 'line');
  const stop = async () => {
    child.kill();
    await once(child, 'exit');
    children.delete(child);
  };
  return { address, stop };
}

function visit(address) {
  children.add(spawn(process.execPath, ['load.js', address], { cwd, stdio: 'inherit' }));
}

/** From the top of one element to the end of another, the last one that the selector matches. */
async function picture(page, name, first, last = first) {
  const from = await page.locator(first).first().boundingBox();
  const to = await page.locator(last).last().boundingBox();
  const top = await page.evaluate('scrollY');
  const height = to.y + to.height - from.y;
  const clip = { x: 0, y: from.y + top - MARGIN, width: WIDTH, height: height + MARGIN };
  const path = join(target, `${name}.png`);
  await page.screenshot({ path, clip, fullPage: true });
  const { size } = statSync(path);
  console.log(`${name}.png: ${Math.round(size / 1024)} KiB`);
  if (size > MOST_BYTES) throw new Error(`${name}.png has ${size} bytes; at most ${MOST_BYTES}`);
}

mkdirSync(target, { recursive: true });
const leaky = await serve('fetchuserdata-arrays.js');
visit(leaky.address);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
const page = await browser.newPage({ viewport: { width: WIDTH, height: 800 }, locale: 'en-GB' });
await page.goto(`${leaky.address}/debug/tracemalloc/`);
const press = (name) => page.getByRole('button', { name, exact: true }).click();
const CHART = 'section[aria-label="Memory over time"]';

await sleep(30_000);
await page.mouse.move(0, 0);
await picture(page, 'rising', CHART);

await press('Collect garbage');
await sleep(2_000);
await press('Take snapshot');
await page.getByRole('group', { name: 'Compare with' }).getByRole('radio').last().check();
await sleep(20_000);
await press('Collect garbage');
await sleep(2_500);
await picture(page, 'culprit', '.headline', '.toolbar');

await page.locator('button.where').first().click();
await sleep(2_500);
await picture(page, 'line', 'section[aria-label="Sites"]', '.sites tbody tr:nth-child(-n+2)');

await page.locator('button.where').first().click();
await page.getByRole('button', { name: /^Who holds it: fetchuserdata/ }).click();
await page.locator('.holders ul').first().waitFor();
await picture(page, 'held', '.sites tbody tr:nth-child(1)');

const { port } = new URL(leaky.address);
await leaky.stop();
await sleep(3_000);
const fixed = await serve('fetchuserdata-fixed.js', port);
await page.locator('.status.live').waitFor();
await sleep(50_000);
await picture(page, 'fixed', CHART);

await browser.close();
await fixed.stop();
process.exit();
