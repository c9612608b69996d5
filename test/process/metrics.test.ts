// SPDX-License-Identifier: MIT
// Our figures in Prometheus, scraped by a real one, and in OpenTelemetry's SDK.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { evaluate } from '../support/child.js';
import { asReport } from '../support/report-schema.js';
import { startService } from '../support/service.js';
import { withPrometheus } from '../support/tools.js';

const MEASURED = new URL('../fixtures/measured.mjs', import.meta.url);
const LEAK = 'measured.mjs:14';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

test(
  'a real Prometheus scrapes them; promtool has nothing to object to',
  withPrometheus,
  async () => {
    const service = await startService(MEASURED);
    const directory = mkdtempSync(join(tmpdir(), 'prometheus-'));
    const port = await freePort();
    const config = { job_name: 'app', static_configs: [{ targets: [service.origin.slice(7)] }] };
    writeFileSync(
      join(directory, 'prometheus.json'),
      JSON.stringify({
        global: { scrape_interval: '500ms', scrape_timeout: '500ms' },
        scrape_configs: [config],
      }),
    );
    const prometheus = spawn(
      'prometheus',
      [
        `--config.file=${join(directory, 'prometheus.json')}`,
        `--storage.tsdb.path=${directory}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: 'ignore', timeout: 50_000, killSignal: 'SIGKILL' },
    );
    const exited = once(prometheus, 'exit');
    // Answers when Prometheus has scraped; until then it does not listen, is not ready (503), or knows
    // nothing.
    const query = async (expression: string): Promise<readonly Series[]> => {
      for (;;) {
        const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}`;
        const response = await fetch(url).catch(() => undefined);
        const text = (await response?.text()) ?? '';
        const answer = response?.ok
          ? (JSON.parse(text) as { data?: { result: Series[] } })
          : undefined;
        if (answer?.data?.result.length) return answer.data.result;
        await wait(100);
      }
    };
    try {
      const sites = await query(`tracemalloc_site_bytes{function="leak"}`);
      expect(sites[0]!.metric['site']).toContain(LEAK);
      expect((await query('count(tracemalloc_site_bytes)'))[0]!.value[1]).toBe('5');
      for (const name of ['traced_bytes', 'traced_peak_bytes', 'live_samples', 'tracker_bytes']) {
        const [series] = await query(`tracemalloc_${name}`);
        expect(Number(series!.value[1]), name).toBeGreaterThan(0);
      }
      expect((await query('tracemalloc_tracing'))[0]!.value[1]).toBe('1');

      const text = await (await fetch(service.origin)).text();
      const checked = spawnSync('promtool', ['check', 'metrics'], { input: text });
      expect([checked.status, `${checked.stdout}${checked.stderr}`]).toEqual([0, '']);
    } finally {
      prometheus.kill('SIGKILL');
      await exited;
      await service.stop();
      rmSync(directory, { recursive: true });
    }
  },
);

const MODULE = (name: string) =>
  JSON.stringify(new URL(`../../dist/metrics/${name}.js`, import.meta.url).href);
const GC = { args: ['--expose-gc'] };
const FILL = `
  let first; let second;
  const fillFirst = () => { first = Array.from({ length: 5000 }, () => new Array(50).fill(1)); };
  const fillSecond = () => { second = Array.from({ length: 2000 }, () => new Array(50).fill(1)); };
  const later = () => new Promise((resolve) => setTimeout(resolve, 200));`;

test('prom-client: a site that leaves the top has no series any more', async () => {
  const scrapes = await evaluate<string[]>(
    `import { register, Registry } from 'prom-client';
    import { registerMetrics } from ${MODULE('prometheus')};
    ${FILL}
    const scrapes = [];
    const scrape = async () => { await later(); scrapes.push(await register.metrics()); };
    const remove = registerMetrics(undefined, { top: 1 });
    await scrape();
    tracemalloc.start({ sampleInterval: 1024 });
    fillFirst(); await scrape();
    first = undefined; fillSecond(); gc(); await scrape();
    tracemalloc.stop(); await scrape();
    remove(); await scrape();
    const twice = new Registry();
    registerMetrics(twice)();
    registerMetrics(twice);
    report(scrapes);`,
    GC,
  );
  const sites = scrapes.map((text) => text.match(/^tracemalloc_site_bytes\{.*$/gm)?.length ?? 0);
  expect(sites).toEqual([0, 1, 1, 0, 0]);
  expect(scrapes[1]).toMatch(/tracemalloc_site_bytes\{site="[^"]+",function="[^"]*"\} \d+/);
  const size = (text: string) => Number(/^tracemalloc_site_bytes\{.*\} (\d+)$/m.exec(text)![1]);
  expect(size(scrapes[2]!)).toBeLessThan(size(scrapes[1]!));
  const values = (name: string) =>
    scrapes.map((text) => Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]));
  expect(values('tracemalloc_tracing')).toEqual([0, 1, 1, 0, Number.NaN]);
  const [before, , during, after] = values('tracemalloc_traced_bytes');
  expect([before, after]).toEqual([0, 0]);
  expect(during).toBeGreaterThan(500_000);
  expect(scrapes[4]).not.toContain('tracemalloc');
});

interface Point {
  readonly value: number;
  readonly attributes: Readonly<Record<string, string>>;
}

test("OpenTelemetry's SDK collects the same; what left the top is 0", async () => {
  const collected = await evaluate<Record<string, { unit: string; points: Point[] }>[]>(
    `import { MeterProvider, PeriodicExportingMetricReader, InMemoryMetricExporter, AggregationTemporality } from '@opentelemetry/sdk-metrics';
    import { metrics } from '@opentelemetry/api';
    import { registerMetrics } from ${MODULE('opentelemetry')};
    ${FILL}
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 });
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
    const collected = [];
    const collect = async () => {
      await later();
      exporter.reset();
      await reader.forceFlush();
      const all = exporter.getMetrics().flatMap((r) => r.scopeMetrics).flatMap((s) => s.metrics);
      collected.push(Object.fromEntries(all.map(({ descriptor: { name, unit }, dataPoints }) =>
        [name, { unit, points: dataPoints.map(({ value, attributes }) => ({ value, attributes })) }])));
    };
    const end = registerMetrics(undefined, { top: 1 });
    await collect();
    tracemalloc.start({ sampleInterval: 1024 });
    fillFirst(); await collect();
    first = undefined; fillSecond(); gc(); await collect();
    end(); await collect();
    report(collected);
    process.exit();`,
    GC,
  );
  const [before, first, second, ended] = collected;
  expect(before!['tracemalloc.tracing']!.points[0]!.value).toBe(0);
  expect(before!['tracemalloc.site']?.points ?? []).toEqual([]);
  expect(first!['tracemalloc.traced']).toMatchObject({ unit: 'By', points: [{ attributes: {} }] });
  for (const name of ['traced', 'traced.peak', 'tracker', 'live.samples']) {
    expect(first![`tracemalloc.${name}`]!.points[0]!.value, name).toBeGreaterThan(0);
  }
  const site = first!['tracemalloc.site']!;
  expect(site.unit).toBe('By');
  expect(site.points).toHaveLength(1);
  expect(site.points[0]!.attributes).toEqual({
    site: expect.stringMatching(/:\d+$/),
    function: expect.any(String),
  });
  const sizes = second!['tracemalloc.site']!.points.map(({ value }) => value);
  expect(sizes).toEqual([0, expect.any(Number)]);
  expect(sizes[1]).toBeGreaterThan(0);
  expect(sizes[1]).toBeLessThan(site.points[0]!.value);
  // The SDK repeats what it saw last.
  expect(ended).toEqual(second);
});

test('OpenTelemetry: after ten times the top, new sites are one series', async () => {
  const { last, most } = await evaluate<{ last: Record<string, number>; most: number }>(
    `import { registerMetrics } from ${MODULE('opentelemetry')};
    let observe;
    const meter = { createObservableGauge: (name) => name, addBatchObservableCallback: (f) => { observe = f; } };
    registerMetrics(meter, { top: 1 });
    tracemalloc.start({ sampleInterval: 1024 });
    let kept;
    let last; let most = 0;
    for (let i = 0; i < 13; i++) {
      // A file of its own each time.
      kept = (0, eval)(\`Array.from({ length: 2000 + \${i} * 500 }, () => new Array(50).fill(1)) //# sourceURL=/app/\${i}.js\`);
      gc();
      await new Promise((resolve) => setTimeout(resolve, 150));
      last = {};
      observe({ observe: (gauge, size, labels) => { if (labels) last[labels.site] = size; } });
      most = Math.max(most, Object.keys(last).length);
    }
    report({ last, most });`,
    GC,
  );
  expect(most).toBeLessThanOrEqual(11);
  expect(last['(other)']).toBeGreaterThan(1_000_000);
  expect(last['/app/1.js:1']).toBe(0);
});

test('more series than are good for anyone are refused', async () => {
  const codes = await evaluate(
    `import { registerMetrics } from ${MODULE('prometheus')};
    report([-1, 1.5, 101, '5'].map((top) => codeOf(() => registerMetrics(undefined, { top }))));`,
  );
  expect(codes).toEqual(Array(4).fill('ERR_INVALID_OPTION'));
});

test('the suspects of the reports are in the metrics and at the endpoint, until they are flat', async () => {
  const { prometheus, opentelemetry, answer } = await evaluate<{
    prometheus: { growing: string; flat: string };
    opentelemetry: { name: string; values: { site: string; value: number }[] }[];
    answer: { json: string; text: string };
  }>(
    `import { register } from 'prom-client';
    import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
    import { createServer } from 'node:http';
    import { once } from 'node:events';
    import { registerMetrics } from ${MODULE('prometheus')};
    import { registerMetrics as registerOpenTelemetry } from ${MODULE('opentelemetry')};
    class Reader extends MetricReader { async onShutdown() {} async onForceFlush() {} }
    const reader = new Reader();
    registerOpenTelemetry(new MeterProvider({ readers: [reader] }).getMeter('test'));
    registerMetrics();
    tracemalloc.start({ sampleInterval: 4096 });
    const kept = [];
    let leaks = true;
    const leak = () => { for (let i = 0; leaks && i < 100; i++) kept.push(new Array(100).fill(1.5)); };
    // The leak is more of each report than sampling can feign.
    const states = [];
    tracemalloc.createReporter({ every: 20, logger: ({ suspects }) => {
      states.push(suspects.find((row) => row.function === 'leak')?.suspect.state);
      leak();
      gc();
    } });
    const until = async (state) => {
      while (states.at(-1) !== state) {
        if (performance.now() > 30_000) throw new Error('never ' + state + ': ' + states);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    await until('growing');
    const prometheus = { growing: await register.metrics() };
    const { resourceMetrics } = await reader.collect();
    const opentelemetry = resourceMetrics.scopeMetrics[0].metrics.map(({ descriptor, dataPoints }) => ({
      name: descriptor.name,
      values: dataPoints.map(({ value, attributes: { site } }) => ({ value, site })),
    }));
    const server = createServer(tracemalloc.createHandler()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const ask = async (format) =>
      (await fetch('http://127.0.0.1:' + server.address().port + '/debug/tracemalloc?format=' + format)).text();
    const answer = { json: await ask('json'), text: await ask('text') };
    server.close();
    server.closeAllConnections();
    leaks = false;
    await until('flat');
    prometheus.flat = await register.metrics();
    tracemalloc.stop();
    report({ prometheus, opentelemetry, answer });`,
    GC,
  );
  const series = /^tracemalloc_suspect_growth_bytes_per_hour\{site="(.*)",function="leak"\} (.*)$/m;
  const [, site, speed] = series.exec(prometheus.growing)!;
  expect(Number(speed)).toBeGreaterThan(0);
  expect(Number(series.exec(prometheus.flat)?.[2])).toBe(0);
  expect(Number(/^tracemalloc_suspects (.*)$/m.exec(prometheus.growing)?.[1])).toBeGreaterThan(0);

  const { values } = opentelemetry.find(({ name }) => name === 'tracemalloc.suspect.growth')!;
  expect(values.find((row) => row.site === site)!.value).toBeGreaterThan(0);

  const { suspects: answered } = asReport(JSON.parse(answer.json));
  expect(answered.find((row) => row.site === site)).toMatchObject({
    suspect: { state: 'growing' },
  });
  expect(answer.text).toContain(`: ${site} (leak): growing by +`);
});
