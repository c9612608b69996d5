// SPDX-License-Identifier: MIT
// Each format in its tool, with snapshots of a real program.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  toFolded,
  toHeapProfile,
  toJson,
  toPprof,
  toSpeedscope,
} from '../../src/exporters/index.js';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import type { Trace } from '../../src/traces/trace.js';
import { openChromium } from '../support/chromium.js';
import { type StaticServer, serve } from '../support/static-server.js';
import { FLAMEGRAPH, goPprof, withChromium, withFlamegraph, withGo } from '../support/tools.js';

const KEEPER = fileURLToPath(new URL('../fixtures/keeper.mjs', import.meta.url));
const SPEEDSCOPE = fileURLToPath(import.meta.resolve('speedscope/package.json'));

let directory: string;
let snapshot: Snapshot;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tracemalloc-'));
  execFileSync(process.execPath, [KEEPER, join(directory, 'old'), join(directory, 'new')]);
  snapshot = await Snapshot.load(join(directory, 'new'));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Bytes, rounded, of the place in `remember` that keeps memory: of all stacks that end there. */
function kept(figure: (trace: Trace) => number = ({ size }) => size): number {
  const byColumn = new Map<number, number>();
  for (const trace of snapshot.traces) {
    const { functionName, column } = trace.traceback.at(-1)!;
    if (functionName !== 'remember') continue;
    byColumn.set(column, Math.round(figure(trace)) + (byColumn.get(column) ?? 0));
  }
  return Math.max(...byColumn.values());
}

test('pprof: go tool pprof shows the line and its bytes', withGo, async () => {
  const file = join(directory, 'converted.pb.gz');
  writeFileSync(file, toPprof(snapshot));
  const top = await goPprof('-top', '-lines', '-unit=B', file);
  const [, bytes] = /^\s*(\d+)B .* remember .*keeper\.mjs:11$/m.exec(top) ?? [];
  expect(Number(bytes) / kept()).toBeCloseTo(1, 3);
});

test('folded: flamegraph.pl draws the stack with its bytes', withFlamegraph, () => {
  const svg = execFileSync('perl', [FLAMEGRAPH, '--countname=bytes'], {
    input: toFolded(snapshot),
    encoding: 'utf8',
  });
  const boxes = [...svg.matchAll(/<title>remember \(.*keeper\.mjs:11\) \(([\d,]+) bytes/g)];
  const bytes = boxes.reduce((sum, [, text]) => sum + Number(text?.replaceAll(',', '')), 0);
  expect(bytes / kept()).toBeCloseTo(1, 3);
});

test('JSON conforms to the published schema, with every figure', () => {
  const schema = JSON.parse(
    readFileSync(new URL('../../docs/snapshot.schema.json', import.meta.url), 'utf8'),
  );
  const validate = new Ajv2020({ allErrors: true, strict: true }).compile(schema);
  const json = JSON.parse(toJson(snapshot));
  expect(validate(json), JSON.stringify(validate.errors)).toBe(true);
  expect(validate({ ...json, version: 2 })).toBe(false);
  expect(validate({ ...json, traces: [{ ...json.traces[0], size: '1' }] })).toBe(false);
  const sizes = json.traces.map((trace: { size: number }) => trace.size);
  expect(sizes).toEqual(snapshot.traces.map(({ size }) => size));
  const largest = json.traces[sizes.indexOf(Math.max(...sizes))];
  expect(json.frames[largest.traceback.at(-1)]).toMatchObject({
    filename: KEEPER,
    lineno: 11,
    functionName: 'remember',
  });
});

describe('in Chromium', withChromium, () => {
  let browser: Browser;
  let server: StaticServer;
  beforeAll(async () => {
    browser = await openChromium();
    const files = new Map([
      ['/profile.speedscope.json', toSpeedscope(snapshot, { name: 'the keeper' })],
      ['/profile.heapprofile', toHeapProfile(snapshot)],
      ['/profile.folded', toFolded(snapshot)],
      ['/allocated.heapprofile', toHeapProfile(snapshot, { bytes: 'allocated' })],
    ]);
    server = await serve(join(dirname(SPEEDSCOPE), 'dist/release'), files);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  async function open(file: string) {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    const profile = encodeURIComponent(`${server.url}/${file}`);
    await page.goto(`${server.url}/index.html#profileURL=${profile}`);
    await page.getByText('Sandwich').click();
    const row = page
      .getByRole('row')
      .filter({ hasText: /remember/ })
      .first();
    await row.waitFor();
    const text = await row.innerText();
    expect(errors).toEqual([]);
    return { text, title: await page.title() };
  }

  /** As speedscope shows them: bytes in MB of 1024 squared; figures without a unit in full. */
  const shown = (bytes: number, file: string) =>
    file.endsWith('.folded')
      ? bytes.toLocaleString('en', { maximumFractionDigits: 0 })
      : `${(bytes / 1024 ** 2).toFixed(2)} MB`;

  test.each(['profile.speedscope.json', 'profile.heapprofile', 'profile.folded'])(
    '%s: speedscope shows the function with its bytes',
    async (file) => {
      const { text, title } = await open(file);
      expect(text).toContain(shown(kept(), file));
      expect(title).toContain(file.includes('speedscope') ? 'the keeper' : file);
    },
  );

  test('speedscope shows the allocated bytes of a heapprofile that has them', async () => {
    const allocated = kept(({ allocatedSize }) => allocatedSize ?? 0);
    expect((await open('allocated.heapprofile')).text).toContain(shown(allocated, ''));
  });

  test('heapprofile: the Memory panel of Chrome DevTools shows the function, its line and bytes', async () => {
    const file = join(directory, 'keeper.heapprofile');
    writeFileSync(file, toHeapProfile(snapshot));
    const page = await browser.newPage();
    await page.goto('devtools://devtools/bundled/js_app.html?panel=heap-profiler');
    await page.locator('input[type=file]').setInputFiles(file);
    await page.getByRole('treeitem').filter({ hasText: 'Loaded' }).click();
    const row = page
      .getByRole('row')
      .filter({ hasText: /remember/ })
      .first();
    await row.waitFor();
    const text = await row.innerText();
    expect(text).toMatch(/remember\s+\S*keeper\.mjs:11(?!\d)/);
    expect(text.replaceAll('\u00a0', ' ')).toContain(`${(kept() / 1e6).toFixed(1)} MB`);
  });
});
