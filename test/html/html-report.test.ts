// SPDX-License-Identifier: MIT
// HTML reports written by `tracemalloc report`, opened from disk in a real browser.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Snapshot } from '../../src/snapshot/snapshot.js';
import { explained, SPECIAL_NAMES } from '../../src/text/special-names.js';
import { namesIn, openChromium } from '../support/chromium.js';
import { cli } from '../support/cli.js';
import { snapshotOf } from '../support/snapshots.js';
import { CHROMIUM, withChromium } from '../support/tools.js';

const KEEPER = fileURLToPath(new URL('../fixtures/keeper.mjs', import.meta.url));

// As many sites of each domain, in files of the application and of a dependency.
const sites = (length: number, factor = 1) =>
  Array.from({ length }, (_, i) => ({
    at: [
      '/app/server.js:10:listen',
      `/app/routes/route${i % 40}.js:${i % 7}:handle${i % 40}`,
      `/app/services/service${i % 200}.js:${i % 90}:load${i % 200}`,
      `${i % 3 === 0 ? '/opt/node_modules/orm' : '/app/models'}/model${i % 500}.js:${Math.floor(i / 5)}:build${i % 900}`,
    ],
    size: (factor * 1_000_000) / (i + 1) + 100.5,
    count: i + 0.25,
    variance: 1e9 / (i + 1),
    domain: i % 2 === 0 ? 'heap' : 'buffer',
  }));

let directory: string;
let browser: Browser;
const at = (name: string) => join(directory, name);

beforeAll(async () => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'tracemalloc-')));
  execFileSync(process.execPath, [KEEPER, at('old.pb.gz'), at('new.pb.gz')]);
  const sources = ['--source-root', dirname(KEEPER)];
  await report('one.html', 'new.pb.gz', ...sources);
  await report('growth.html', 'new.pb.gz', 'old.pb.gz', ...sources);
  await snapshotOf(sites(90)).dump(at('few.pb.gz'));
  await snapshotOf(sites(120, 3)).dump(at('more.pb.gz'));
  await report('more.html', 'more.pb.gz', 'few.pb.gz');
  const { traces, ...facts } = snapshotOf(sites(3));
  const found = { samples: 2, unheld: 0, changed: 0, end: 'complete' as const };
  const steps = ['variable `cache` of module /app/cache.js', 'Map [entry]', '<b>\u202eSession'];
  const site = '/app/cache.js:12';
  const kept = { ...found, site, time: 1e12, size: 9, liveSamples: 5 };
  const retainers = [{ ...kept, paths: [{ count: 2, steps }] }];
  await new Snapshot([...traces, ...snapshotOf([{ at: [site], size: 5e6 }]).traces], {
    ...facts,
    process: { ...facts.process, retainers },
  }).dump(at('held.pb.gz'));
  await report('held.html', 'held.pb.gz');
  if (CHROMIUM !== undefined) browser = await openChromium();
});
afterAll(async () => {
  await browser?.close();
  rmSync(directory, { recursive: true });
});

async function report(output: string, ...args: string[]): Promise<void> {
  const outcome = await cli(['report', ...args, '-o', output], { cwd: directory });
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
  expect(outcome.stdout).toMatch(new RegExp(`^wrote ${output}, \\d+ KiB\n$`));
}

/** Opens a report; fails if it logs or throws anything, or loads anything else. */
async function open(
  name: string,
  use: (page: Page) => Promise<void>,
  options: BrowserContextOptions = {},
) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  const url = pathToFileURL(at(name)).href;
  await page.goto(url);
  await page.locator('main').waitFor();
  await use(page);
  expect(complaints).toEqual([]);
  expect(requests).toEqual([url]);
  await page.close();
}

const rows = (page: Page) => page.locator('.sites tbody tr');
const header = (page: Page, name: string) => page.getByRole('columnheader', { name });
const choose = (page: Page, group: string, name: string) =>
  page.getByRole('group', { name: group }).getByRole('radio', { name, exact: true }).check();

const UNITS = ['B', 'KiB', 'MiB', 'GiB'];
/** The figures of a column, in bytes. */
async function sizes(page: Page, cell: number): Promise<number[]> {
  const texts = await rows(page).locator(`td:nth-child(${cell})`).allInnerTexts();
  return texts.map((text) => {
    const [number, unit = 'B'] = text.split(' ');
    return Number(number) * 1024 ** UNITS.indexOf(unit);
  });
}
/** The width to which a frame of the flame graph moves. */
const width = async (frame: Locator) => Number(await frame.getAttribute('width'));

describe('in Chromium', withChromium, () => {
  test('one snapshot: shows how much is on which line, with its source', () =>
    open('one.html', async (page) => {
      const headline = page.locator('.headline');
      await expect.poll(() => headline.innerText()).toMatch(/[\d.]+ [KM]iB of live memory/);
      const text = await headline.innerText();
      expect(text).toMatch(/\d+ % of it, .* is held by .*keeper\.mjs:11 in remember/);
      expect(text).toContain('cache[used++] = new Array(500);');
      expect(await rows(page).first().innerText()).toContain('keeper.mjs:11');
      expect(await page.locator('.memory').innerText()).toMatch(/^RSS\s+[\d.]+ MiB/);
    }));

  test('shows what held the objects of a line, where the dump has it', () =>
    open('held.html', async (page) => {
      const why = page.getByRole('button', { name: /^Who holds it: / });
      expect(await why.count()).toBe(1);
      await why.press('Enter');
      const tree = page.locator('.holders');
      await expect.poll(() => tree.locator('li').count()).toBe(3);
      expect(await tree.innerText()).toMatch(/2 of 5 samples were looked at on .*2001/);
      expect(await tree.locator('li li li').innerText()).toBe('<b>\\u202eSession');
    }));

  test('two snapshots: shows what grew, by how much, and in what time', () =>
    open('growth.html', async (page) => {
      const text = await page.locator('.headline').innerText();
      expect(text).toMatch(/Live memory grew by [\d.]+ [KM]iB in \d+ m?s/);
      expect(text).toMatch(/\d+ % of the growth, .* comes from .*keeper\.mjs:11 in remember/);
      expect(await rows(page).first().innerText()).toMatch(/^\+[\d.]+ [KM]iB/);
      expect(await header(page, 'Change ▾').getAttribute('aria-sort')).toBe('descending');
      const heap = page.locator('.memory tr').filter({ hasText: 'V8 heap' });
      expect(await heap.innerText()).toMatch(/V8 heap\s+[\d.]+ MiB\s+\+[\d.]+ [KM]iB/);
      expect(await heap.locator('.mark').count()).toBe(1);
    }));

  test('explains names in parentheses where the pointer rests on them', () =>
    open('one.html', async (page) => {
      const types = page.locator('.sites td.type').filter({ hasText: /^\(/ });
      expect(await types.count()).toBeGreaterThan(0);
      for (const type of await types.all()) {
        expect(await type.getAttribute('title')).toBe(explained(await type.innerText()));
      }
    }));

  test('sorts by each column, both ways, by mouse and keyboard', () =>
    open('growth.html', async (page) => {
      await header(page, 'Size').getByRole('button').click();
      const down = await sizes(page, 3);
      expect(down.length).toBeGreaterThan(5);
      expect(down).toEqual([...down].sort((a, b) => b - a));
      await page.keyboard.press('Enter'); // the button still has the focus
      const up = await sizes(page, 3);
      expect(await header(page, 'Size').getAttribute('aria-sort')).toBe('ascending');
      expect(up).toEqual([...up].sort((a, b) => a - b));
      await header(page, 'Where').getByRole('button').click();
      const places = await rows(page).locator('button.where').allInnerTexts();
      expect(places.findIndex((place) => place.includes('keeper.mjs'))).toBeLessThan(
        places.findIndex((place) => place.startsWith('node:')),
      );
    }));

  test('filters by file, function and source, and marks them in the flame graph', () =>
    open('one.html', async (page) => {
      const all = await rows(page).count();
      const search = page.getByRole('searchbox', { name: 'Filter sites' });
      for (const text of ['KEEPER.mjs:11', 'remember', 'new Array(500)']) {
        await search.fill(text);
        expect(await rows(page).count()).toBeLessThan(all);
        expect(await rows(page).first().innerText()).toContain('keeper.mjs:11');
      }
      const fill = await page
        .locator('g.frame[name^="remember"] rect')
        .first()
        .getAttribute('fill');
      expect(fill).toContain('310');
      await search.fill('no such thing');
      expect(await rows(page).count()).toBe(0);
      const nothing = await page.locator('.nothing').innerText();
      expect(nothing).toBe('Nothing matches “no such thing”.');
      await search.fill('');
      expect(await rows(page).count()).toBe(all);
    }));

  test('groups by file, function and stack', () =>
    open('one.html', async (page) => {
      await choose(page, 'Group by', 'file');
      expect(await rows(page).first().locator('.place').innerText()).toBe('keeper.mjs');
      await choose(page, 'Group by', 'function');
      expect(await rows(page).first().locator('td.where').innerText()).toMatch(
        /keeper\.mjs remember/,
      );
      await choose(page, 'Group by', 'stack');
      expect(await rows(page).first().locator('.place').innerText()).toBe('keeper.mjs:11');
    }));

  test('groups by type: each opens to the lines that made it, a line to its types', async () => {
    const types = (session: number, text: number) => [
      { type: 'Session', size: session, count: 1 },
      { type: '(string)', size: text, count: 2 },
    ];
    const rowsOf = (factor: number) => [
      { at: ['/app/a.js:1:first'], size: 10_000 * factor, types: types(6000 * factor, 3000) },
      { at: ['/app/b.js:2:second'], size: 5000, types: types(5000, 0) },
    ];
    await snapshotOf(rowsOf(1)).dump(at('types-old.pb.gz'));
    await snapshotOf(rowsOf(4)).dump(at('types.pb.gz'));
    await report('types.html', 'types.pb.gz', 'types-old.pb.gz');
    await open('types.html', async (page) => {
      const names = () => rows(page).locator('.place').allInnerTexts();
      expect(await names()).toEqual(['a.js:1', 'b.js:2']);
      await rows(page).first().locator('button.where').click();
      expect(await rows(page).first().locator('.types').innerText()).toBe(
        'Session +17.6 KiB, (unknown type) +11.7 KiB, (string) +0 B',
      );
      await choose(page, 'Group by', 'type');
      expect(await names()).toEqual(['Session', '(unknown type)', '(string)']);
      const session = rows(page).first();
      expect(await session.innerText()).toMatch(/\+17\.6 KiB[\s\S]*28\.3 KiB/);
      expect(await session.locator('.allocator').innerText()).toContain('/app/a.js:1');
      await session.locator('button.where').click();
      expect(await session.locator('.stack').allInnerTexts()).toEqual([
        expect.stringMatching(/\+17\.6 KiB, heap\s+a\.js:1 first/),
        expect.stringMatching(/\+0 B, heap\s+b\.js:2 second/),
      ]);
    });
  });

  test('sorts by churn, and then shows also what has nothing else', async () => {
    const traces = [
      { at: ['/app/kept.js:1:keep'], size: 10_000, allocatedSize: 12_000 },
      { at: ['/app/both.js:2:both'], size: 5000, allocatedSize: 90_000 },
      { at: ['/app/garbage.js:3:waste'], size: 0, count: 0, allocatedSize: 50_000 },
    ];
    await snapshotOf(traces).dump(at('churn.pb.gz'));
    await report('churn.html', 'churn.pb.gz');
    await open('churn.html', async (page) => {
      const names = () => rows(page).locator('.place').allInnerTexts();
      expect(await names()).toEqual(['kept.js:1', 'both.js:2']);
      await header(page, 'Churn').getByRole('button').click();
      expect(await names()).toEqual(['both.js:2', 'garbage.js:3', 'kept.js:1']);
      expect(await page.locator('.sites td.churn').allInnerTexts()).toEqual([
        ...['83.0 KiB', '48.8 KiB', '2000 B'],
      ]);
      await choose(page, 'Group by', 'type');
      expect(await header(page, 'Churn').count()).toBe(0);
    });
  });

  test('shows how old what lives is, sorts by it, and says how to read it', async () => {
    const described = [
      { at: ['/app/leak.js:1:'], size: 3000, age: { mean: 600, oldest: 7200, collections: 1234 } },
      {
        at: ['/app/leak.js:1:'],
        ...{ size: 1000, domain: 'buffer' },
        age: { mean: 1000, oldest: 1000, collections: undefined },
      },
      { at: ['/app/garbage.js:2:'], size: 9000, age: { mean: 0.2, oldest: 1, collections: 0 } },
      { at: ['/app/cache.js:3:'], size: 5000, age: { mean: 20, oldest: 40, collections: 8 } },
      { at: ['/app/mine.js:4:'], size: 100, domain: 'mine' },
    ];
    const { traces, ...facts } = snapshotOf(described);
    // Not at a full second.
    const now = new Snapshot(traces, { ...facts, timestamp: 1_700_000_000_456 });
    await now.dump(at('ages.pb.gz'));
    await report('ages.html', 'ages.pb.gz');
    await open('ages.html', async (page) => {
      const names = () => rows(page).locator('.place').allInnerTexts();
      expect(await names()).toEqual(['garbage.js:2', 'cache.js:3', 'leak.js:1', 'mine.js:4']);
      await header(page, 'Age').getByRole('button').click();
      expect(await names()).toEqual(['leak.js:1', 'cache.js:3', 'garbage.js:2', 'mine.js:4']);
      const ages = await page.locator('.sites td.age').allInnerTexts();
      // Two digits of the collections; moments are whole seconds.
      expect(ages.map((text) => text.split('\n').join(' '))).toEqual([
        '12 min oldest 2 h, 1200 GCs',
        expect.stringMatching(/^(19|20|21) s oldest (39|40|41) s, 8 GCs$/),
        expect.stringMatching(/^<1 s oldest (<1|1|2) s, no GC$/),
        '',
      ]);
      const help = page.locator('.help');
      await help.locator('summary').click();
      expect(await help.innerText()).toMatch(/Age\s+Mean time .* garbage .* cache .* leak/s);
      await choose(page, 'Group by', 'type');
      expect(await header(page, 'Age').count()).toBe(0);
    });
    await open('one.html', async (page) => expect(await header(page, 'Age').count()).toBe(0));
  });

  test('groups by labels, each of which opens to its stacks', async () => {
    const [users, orders] = [{ route: 'GET /users' }, { route: 'GET /<b>' }];
    const traces = [
      { at: ['/app/a.js:1:first'], size: 10_000, labels: users },
      { at: ['/app/b.js:2:second'], size: 20_000, labels: users },
      { at: ['/app/a.js:1:first'], size: 5000, labels: orders },
      { at: ['/app/a.js:1:first'], size: 1000 },
    ];
    await snapshotOf(traces).dump(at('labels.pb.gz'));
    await report('labels.html', 'labels.pb.gz');
    await open('labels.html', async (page) => {
      const names = () => rows(page).locator('.place').allInnerTexts();
      expect(await names()).toEqual(['b.js:2', 'a.js:1']);
      await choose(page, 'Group by', 'label');
      expect(await names()).toEqual(['route=GET /users', 'route=GET /<b>', '(no labels)']);
      expect(await rows(page).first().innerText()).toMatch(/29\.3 KiB/);
      await rows(page).first().locator('button.where').click();
      expect(await rows(page).first().locator('.stack').allInnerTexts()).toEqual([
        expect.stringMatching(/19\.5 KiB, heap\s+b\.js:2 second/),
        expect.stringMatching(/10000 B, heap\s+a\.js:1 first/),
      ]);
    });
  });

  test('attributes memory to the selected kind of frames', async () => {
    const stack = ['/app/main.js:3:main', '/app/node_modules/x/i.js:5:x', 'node:fs:9:open'];
    await snapshotOf([{ at: stack, size: 1000 }]).dump(at('frames.pb.gz'));
    await report('frames.html', 'frames.pb.gz');
    await open('frames.html', async (page) => {
      const charged = () => rows(page).locator('button.where').first().innerText();
      expect(await charged()).toBe('main.js:3 main in node_modules/x/i.js:5');
      expect(await page.locator('.culprit').innerText()).toContain(
        'main.js:3 in main, allocated in node_modules/x/i.js:5',
      );
      const frames = page.locator('.flame .d3-flame-graph-label');
      await expect
        .poll(() => frames.allInnerTexts())
        .toEqual(['all', 'main main.js:3', 'x i.js:5']);
      await choose(page, 'Frames', 'app');
      expect(await charged()).toBe('node_modules/x/i.js:5 x in open');
      await choose(page, 'Frames', 'all');
      expect(await charged()).toBe('node:fs:9 open');
    });
  });

  test('a row shows and hides its stacks', () =>
    open('one.html', async (page) => {
      const row = rows(page).first();
      await row.locator('button.where').press('Enter');
      expect(await row.locator('.stack').first().innerText()).toMatch(
        /keeper\.mjs:11 remember\s+\S*keeper\.mjs:15 serve/,
      );
      await row.locator('button.where').press('Enter');
      expect(await row.locator('.stack').count()).toBe(0);
    }));

  test('the flame graph zooms in and out, by mouse and keyboard', () =>
    open('one.html', async (page) => {
      const canvas = page.locator('.graph');
      const whole = await width(page.locator('g.frame[name="all"]'));
      const leaf = page.locator('g.frame[name="remember keeper.mjs:11"]').first();
      const before = await width(leaf);
      expect(before).toBeLessThan(whole);
      await leaf.click();
      await expect.poll(() => width(leaf)).toBeCloseTo(whole, 0);
      expect(await page.locator('.details').innerText()).toMatch(/^remember .*keeper\.mjs:11: /);
      await page.locator('.flame').getByRole('button', { name: 'Show all' }).click();
      await expect.poll(() => width(leaf)).toBeCloseTo(before, 0);
      await canvas.focus();
      await page.keyboard.press('ArrowDown');
      const current = page.locator('g.frame.current');
      const narrow = await width(current);
      await page.keyboard.press('Enter');
      await expect.poll(() => width(current)).toBeCloseTo(whole, 0);
      expect(narrow).toBeLessThan(whole);
      await page.keyboard.press('Escape');
      await expect.poll(() => width(leaf)).toBeCloseTo(before, 0);
    }));

  test('the graph can be an icicle or flames, of live or allocated bytes or of churn', () =>
    open('one.html', async (page) => {
      // NaN while it is drawn.
      const top = async () => {
        const [frame, graph] = ['g.frame[name="all"]', '.graph'].map((css) => page.locator(css));
        const [inner, outer] = [await frame!.boundingBox(), await graph!.boundingBox()];
        return (inner?.y ?? Number.NaN) - (outer?.y ?? Number.NaN);
      };
      const label = () => page.locator('g.frame[name="all"] title').textContent();
      await expect.poll(top).toBeGreaterThan(Number.NEGATIVE_INFINITY);
      const above = await top();
      await choose(page, 'Shape', 'flame');
      await expect.poll(top).toBeGreaterThan(above);
      const live = await label();
      await choose(page, 'Bytes', 'allocated');
      await expect.poll(label).not.toBe(live);
      const allocated = await label();
      await choose(page, 'Bytes', 'churn');
      await expect.poll(label).not.toBe(allocated);
      expect(await label()).not.toBe(live);
    }));

  test('growth is red in the flame graph', () =>
    open('growth.html', async (page) => {
      const leaf = page.locator('g.frame[name="remember keeper.mjs:11"] rect').first();
      expect(await leaf.getAttribute('fill')).toMatch(/^hsl\(8 \d\d%/);
      expect(await page.locator('.details').innerText()).toContain('red grew');
    }));

  test('it is dark if the system is dark, and prints light, without controls', async () => {
    const background = (page: Page) =>
      page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    await open('one.html', async (page) => {
      expect(await background(page)).toBe('rgb(255, 255, 255)');
    });
    await open(
      'one.html',
      async (page) => {
        expect(await background(page)).toBe('rgb(22, 24, 29)');
        await page.emulateMedia({ media: 'print' });
        expect(await background(page)).toBe('rgb(255, 255, 255)');
        expect(await page.locator('.controls').first().isVisible()).toBe(false);
        expect(await rows(page).first().isVisible()).toBe(true);
      },
      { colorScheme: 'dark' },
    );
  });

  test('on a narrow screen nothing overflows', () =>
    open(
      'growth.html',
      async (page) => {
        const overflow = () =>
          page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        expect(await overflow()).toBeLessThanOrEqual(0);
        expect(await rows(page).first().locator('.place').isVisible()).toBe(true);
      },
      { viewport: { width: 400, height: 800 } },
    ));

  test('any name is shown as text; only the page’s own script runs', async () => {
    const evil = '/app/</script><img src=x onerror=alert(1)>.js';
    await snapshotOf([{ at: [`${evil}:1:<b>f</b>`], size: 1000 }]).dump(at('evil.pb.gz'));
    await report('evil.html', 'evil.pb.gz');
    await open('evil.html', async (page) => {
      expect(await rows(page).first().innerText()).toContain(
        'script><img src=x onerror=alert(1)>.js:1 <b>f</b>',
      );
      expect(await page.locator('img, b').count()).toBe(0);
    });
    const page = await browser.newPage();
    await page.goto(pathToFileURL(at('evil.html')).href);
    const ran = await page.evaluate<boolean>(`
      const script = document.createElement('script');
      script.textContent = 'window.ran = true';
      document.body.append(script);
      'ran' in window`);
    expect(ran).toBe(false);
    await page.close();
  });

  test('a report of 5,000 sites is below 1 MB', async () => {
    const history = Array.from({ length: 500 }, (_, i) => ({
      time: 1_800_000_000_000 + i * 1234,
      rss: 200_000_000 + i * 12_345,
      heapUsed: 100_000_000 + i * 12_321,
      external: 2_345_678,
      arrayBuffers: 1_234_567,
      traced: 90_000_000 + i * 12_323,
    }));
    const { traces, ...facts } = snapshotOf(sites(5000));
    const process = { ...facts.process, history };
    await new Snapshot(traces, { ...facts, process }).dump(at('many.pb.gz'));
    await report('many.html', 'many.pb.gz', 'many.pb.gz');
    expect(statSync(at('many.html')).size).toBeLessThan(1_000_000);
  });

  test('of 10,000 sites the page draws some at a time, whatever is done', async () => {
    await snapshotOf(sites(10_000)).dump(at('many.pb.gz'));
    await report('many.html', 'many.pb.gz');
    await open('many.html', async (page) => {
      const isPage = async (text: string) => {
        const nav = page.getByRole('navigation', { name: 'Pages of sites' });
        expect(await nav.getByRole('status').innerText()).toBe(text);
        expect(await rows(page).count()).toBe(25);
      };
      await choose(page, 'Frames', 'app');
      expect(await page.locator('caption').innerText()).toMatch(/^10000 sites, /);
      await isPage('1 to 25 of 10000');
      const turn = (name: string) => page.getByRole('button', { name }).click();
      await turn('Next');
      await isPage('26 to 50 of 10000');
      await page.keyboard.press('Enter'); // the button still has the focus
      await isPage('51 to 75 of 10000');
      await turn('Previous');
      await isPage('26 to 50 of 10000');
      await header(page, 'Where').getByRole('button').click();
      await isPage('1 to 25 of 10000');
      await choose(page, 'Group by', 'stack');
      await isPage('1 to 25 of 10000');
      await choose(page, 'Memory', 'buffer');
      await isPage('1 to 25 of 5000');
    });
  });

  test('the headline is about what the table shows', async () => {
    await open('more.html', async (page) => {
      const agree = async () => {
        const sum = /, \+(.*)$/.exec(await page.locator('caption').innerText())?.[1];
        expect(await page.locator('h1').innerText()).toContain(`grew by ${sum}`);
        const [change, place] = await Promise.all([
          rows(page).first().locator('td').first().innerText(),
          rows(page).first().locator('button.where code').first().innerText(),
        ]);
        const culprit = await page.locator('.culprit').innerText();
        expect(culprit).toContain(`, ${change.slice(1)}, comes from ${place}`);
        return `${sum} ${culprit}`;
      };
      const seen = [await agree()];
      for (const [group, name] of [
        ['Group by', 'file'],
        ['Group by', 'function'],
        ['Frames', 'app'],
        ['Memory', 'buffer'],
      ] as const) {
        await choose(page, group, name);
        seen.push(await agree());
      }
      await page.getByRole('searchbox', { name: 'Filter sites' }).fill('model7');
      seen.push(await agree());
      expect(new Set(seen).size).toBeGreaterThan(4);
      expect(await page.locator('h1').innerText()).toContain('in what matches “model7”');
    });
  });

  test('headline, largest sites and what is charged are above the fold; paths are relative', () =>
    open('more.html', async (page) => {
      const third = await rows(page).nth(2).boundingBox();
      expect(third!.y + third!.height).toBeLessThan(720);
      await choose(page, 'Frames', 'app');
      await choose(page, 'Group by', 'file');
      const places = await page.locator('button.where code:first-child').allInnerTexts();
      expect(places).toContain('node_modules/orm/model0.js');
      expect(places.filter((place) => place.startsWith('/'))).toEqual([]);
    }));

  test('help at the end explains every name in parentheses', () =>
    open('more.html', async (page) => {
      await page.getByText('Help', { exact: true }).click();
      const help = page.locator('.help');
      const names = (await help.locator('dt').allInnerTexts()).filter((name) => name[0] === '(');
      expect(names).toEqual(Object.keys(SPECIAL_NAMES));
      for (const name of names) expect(await help.innerText()).toContain(explained(name));
    }));

  test('assistive technology is told a name of all that can be used or read', () =>
    open('more.html', async (page) => {
      const tree = await page.locator('body').ariaSnapshot();
      expect(tree).toContain('region "Sites"');
      expect(tree).toContain('region "Flame graph"');
      const { named, unnamed } = namesIn(tree);
      expect(named).toBeGreaterThan(50);
      expect(unnamed).toEqual([]);
    }));

  test('an empty snapshot has a report', async () => {
    await snapshotOf([]).dump(at('empty.pb.gz'));
    await report('empty.html', 'empty.pb.gz');
    await open('empty.html', async (page) => {
      expect(await page.locator('h1').innerText()).toBe('0 B of live memory');
      expect(await page.locator('.nothing').innerText()).toBe('No sampled memory is live.');
      expect(await page.locator('.graph').innerText()).toBe('Nothing to draw.');
    });
  });
});

test('source lines are in a report only if requested, and only of the named directories', async () => {
  const source = 'cache[used++] = new Array(500);';
  expect(readFileSync(at('one.html'), 'utf8')).toContain(source);
  for (const options of [[], ['--sources'], ['--source-root', 'below']]) {
    await report('bare.html', 'new.pb.gz', ...options);
    expect(readFileSync(at('bare.html'), 'utf8')).not.toContain(source);
  }
});

test('report: wrong usage, and a path that can’t be written, are errors', async () => {
  writeFileSync(at('file'), '');
  expect(await cli(['report'])).toMatchObject({ code: 2 });
  const outcome = await cli(['report', at('new.pb.gz'), '-o', at('file/below.html')]);
  expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining("can't write") });
});
