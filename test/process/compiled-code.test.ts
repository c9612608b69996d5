// SPDX-License-Identifier: MIT
// Programs that compile code as they run, as template engines, `vm` and `new Function` do: each script
// is a new place. The tracker must hold what lives and some of what is new, not what ever was.
import { expect, test } from 'vitest';
import { evaluate } from '../support/child.js';

// Makes garbage in `count` scripts, each of which is compiled, run and forgotten. Node and V8 keep
// none of them: the text is another one each time.
const PROGRAMS = {
  'vm, one file name': `
    const compile = (i) => vm.runInThisContext(
      '(function render(){ const list = new Array(1000).fill(0); out = list.length; })/*' + i + '*/',
      { filename: '/srv/template.js' })();`,
  'vm, a file name each': `
    const compile = (i) => vm.runInThisContext(
      '(function render(){ const list = new Array(1000).fill(0); out = list.length; })',
      { filename: '/srv/templates/' + i + '.js' })();`,
  'new Function': `
    const compile = (i) => new Function(
      'const list = new Array(1000).fill(0); out = list.length; /*' + i + '*/')();`,
  'eval, with a sourceURL each': `
    const compile = (i) => (0, eval)(
      '(function(){ const list = new Array(1000).fill(0); out = list.length; })' +
      '\\n//# sourceURL=compiled-' + i + '.js')();`,
  'a template engine': `
    const template = (text) => new Function('data', 'const out = new Array(1000).fill(0);' +
      text.split('%').map((part, i) => 'out[' + i + '] = ' +
        (i % 2 ? 'data.' + part : JSON.stringify(part))).join(';') + ';return out.length;');
    const compile = (i) => {
      out = template('<p id=' + i + '>%name% has %count%</p>')({ name: 'x', count: i });
    };`,
};

const COUNT = 10_000;
// An array of 1000 elements, and its JSArray: 8,048 bytes.
const LIST = 8048;
// Nearly every list has a sample, so that each script has a site.
const INTERVAL = 2048;

const SETUP = `
  const vm = await import('node:vm');
  globalThis.out = undefined;
`;

interface Bounded {
  sites: number[];
  memory: number[];
  givenBack: number;
  allocated: number[];
}

// What the tracker holds after each tenth of the scripts. A service takes snapshots or it does not:
// here they begin when half of the scripts have gone by.
const measured = (program: string, options: object) => `
  ${SETUP}
  ${program}
  tracemalloc.start(${JSON.stringify(options)});
  const allocatedOf = (snapshot) => snapshot.traces
    .filter((trace) => trace.domain === 'heap')
    .reduce((sum, trace) => sum + trace.allocatedSize, 0);
  const [sites, memory, allocated] = [[], [], []];
  for (let i = 1; i <= ${COUNT}; i++) {
    compile(i);
    if (i % ${COUNT / 20} !== 0) continue;
    if (i >= ${COUNT / 2}) allocated.push(allocatedOf(tracemalloc.takeSnapshot()));
    sites.push(tracemalloc.status().sites);
    memory.push(tracemalloc.getTracemallocMemory());
  }
  report({ sites, memory, allocated, givenBack: tracemalloc.status().diagnostics.sitesGivenBack });
`;

test.each(Object.entries(PROGRAMS))(
  '%s: what is held has a bound, and nothing is lost from sums',
  async (_, program) => {
    const { sites, memory, allocated, givenBack } = await evaluate<Bounded>(
      measured(program, { sampleInterval: INTERVAL }),
    );
    // As many as may be dead, twice since a collection comes when it comes, and what lives.
    expect(Math.max(...sites)).toBeLessThan(2 * 4096 + 1500);
    expect(Math.max(...memory)).toBeLessThan(8 * 1024 * 1024);
    expect(givenBack).toBeGreaterThan(COUNT / 5);
    // Estimates whose variance is at most LIST * INTERVAL a list: five standard errors. What else is
    // allocated (closures, bytecode, source positions) is below 6,000 bytes a script.
    const error = 5 * Math.sqrt(COUNT * LIST * INTERVAL);
    expect(allocated.at(-1)).toBeGreaterThan(COUNT * LIST - error);
    expect(allocated.at(-1)).toBeLessThan(COUNT * (LIST + 6000) + error);
    expect(allocated, 'totals never fall').toEqual([...allocated].sort((a, b) => a - b));
  },
);

const GC = { args: ['--expose-gc'] };

test('sources are not held for names that no snapshot asks for', async () => {
  const source = 100_000;
  const count = 2_000;
  const heap = await evaluate<number>(
    `
    ${SETUP}
    const padding = 'x'.repeat(${source});
    tracemalloc.start({ sampleInterval: ${INTERVAL}, domains: ['heap'] });
    for (let i = 0; i < ${count}; i++) {
      // Of bytes: a string of its own.
      const text = Buffer.from('out = new Array(1000).fill(0);/*' + i + padding + '*/');
      new Function(text.toString('latin1'))();
      if (i % 100 === 0) gc();
    }
    out = undefined;
    gc();
    report(process.memoryUsage().heapUsed);
  `,
    // V8's own cache holds them all.
    { args: ['--expose-gc', '--no-compilation-cache'] },
  );
  // All of them are 200 MB; 256 may be held, and those since the last collection.
  expect(heap).toBeLessThan(500 * source);
});

// At the interval of 1 every script has sites, of its closures as well.
test('at the interval of 1 what is held follows what lives, up and down', async () => {
  const { before, many, after, sites, live } = await evaluate<{
    before: number;
    many: number;
    after: number;
    sites: number;
    live: number;
  }>(
    `
    ${SETUP}
    globalThis.kept = [];
    tracemalloc.start({ sampleInterval: 1, domains: ['heap'] });
    gc();
    const before = tracemalloc.getTracemallocMemory();
    for (let i = 0; i < 15_000; i++) {
      vm.runInThisContext('kept.push({ i: ' + i + ' })', { filename: '/srv/gen/' + i + '.js' });
    }
    gc();
    tracemalloc.takeSnapshot();
    const many = tracemalloc.getTracemallocMemory();
    const sites = tracemalloc.status().sites;
    kept = undefined;
    for (let i = 0; i < 3; i++) { gc(); tracemalloc.takeSnapshot(); }
    const live = tracemalloc.status().sites;
    report({ before, many, sites, live, after: tracemalloc.getTracemallocMemory() });
  `,
    // V8's own cache holds the scripts.
    { args: ['--expose-gc', '--no-compilation-cache'] },
  );
  expect(sites).toBeGreaterThan(15_000);
  expect(live).toBeLessThan(4096 + 1500);
  expect(after - before).toBeLessThan((many - before) / 2);
});

// The decoder alone can't tell whether what it was sent is right: everything anew can.
test('the mirror, brought up to date batch by batch, is what it would be anew', async () => {
  const url = (path: string) => JSON.stringify(new URL(`../../${path}`, import.meta.url).href);
  const { gone, equal, changed } = await evaluate<{
    gone: number[];
    equal: boolean[];
    changed: number[];
  }>(
    `
    ${SETUP}
    const { Mirror } = await import(${url('build/modules/mirror/wire.js')});
    const { isDeepStrictEqual } = await import('node:util');
    const { default: prebuilds } = await import(${url('dist/addon/prebuilds.cjs')});
    const { platform, arch, versions } = process;
    const addon = prebuilds[platform + '-' + arch + '-' + versions.modules]();
    addon.start({
      sampleInterval: 512, tracebackLimit: 8, precision: 'auto', threadId: 0, heap: true, buffer: true,
      tracingFlags: '', usualFlags: '', placeLiterals: () => [],
    });
    globalThis.kept = new Array(300);
    const places = ({ sites }, count) => sites.slice(0, count)
      .map(({ domain, frames, totalFrames }) => ({ domain, frames, totalFrames }));
    let mirror = new Mirror();
    let number = 0;
    const [gone, equal, changed] = [[], [], []];
    for (let round = 1; round <= 12; round++) {
      for (let i = 0; i < 800; i++) {
        number++;
        // Some of it lives for a while, some files come again.
        vm.runInThisContext(
          'kept[' + (number * 7) % 300 + '] = [{ i: ' + number + ' }, Buffer.alloc(600)];' +
          'out = [new Array(50).fill(0), new (class Made' + number + ' {})]',
          { filename: 'made-' + number % 1000 + '.js' });
      }
      gc();
      if (round % 4 === 2) gc(); // twice between two batches
      const batch = addon.takeBatch(mirror.sequence);
      mirror.apply(batch);
      if (round > 1) gone.push(new Uint32Array(batch, 68, 1)[0]);
      if (round % 3 !== 0) continue;
      const anew = new Mirror();
      anew.apply(addon.takeBatch(0));
      const count = mirror.sites.length;
      equal.push(isDeepStrictEqual(places(mirror, count), places(anew, count)));
      const total = ({ counters }, id) => counters[id].allocatedSize;
      changed.push(mirror.sites.filter((_, id) => total(mirror, id) !== total(anew, id)).length / count);
      mirror = anew;
    }
    report({ gone, equal, changed });
  `,
    GC,
  );
  expect(equal).toEqual([true, true, true, true]);
  // What reading the one allocates is in the other.
  expect(Math.max(...changed)).toBeLessThan(0.05);
  expect(gone.filter((count) => count > 0).length).toBeGreaterThan(1);
});
