// SPDX-License-Identifier: MIT
// Our metrics, scraped by a real Prometheus, and collected by OpenTelemetry's SDK.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { programs } from '../support/child.js';
import { asReport } from '../support/report-schema.js';
import { startService } from '../support/service.js';
import { withPrometheus } from '../support/tools.js';

const ask = programs<typeof import('../fixtures/metrics.mjs')>('metrics');

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
  'a real Prometheus scrapes the metrics; promtool reports no problem',
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
    // Resolves when Prometheus has scraped; until then it does not listen, is not ready (503), or
    // has no data.
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

const GC = { args: ['--expose-gc'] };

test('prom-client: a site that drops out of the top has no series any more', async () => {
  const scrapes = await ask<string[]>('prometheusSites', GC);
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

test("OpenTelemetry's SDK collects the same; a site that drops out of the top is 0", async () => {
  const collected = await ask<Record<string, { unit: string; points: Point[] }>[]>(
    'openTelemetrySites',
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
  // The SDK repeats the last values it observed.
  expect(ended).toEqual(second);
});

test('OpenTelemetry: after ten times as many sites as the top, new sites share one series', async () => {
  const { last, most } = await ask<{ last: Record<string, number>; most: number }>('manySites', GC);
  expect(most).toBeLessThanOrEqual(11);
  expect(last['(other)']).toBeGreaterThan(1_000_000);
  expect(last['/app/1.js:1']).toBe(0);
});

test('options for too many series are refused', async () => {
  const codes = await ask('tooManySeries');
  expect(codes).toEqual(Array(4).fill('ERR_INVALID_OPTION'));
});

test('suspects of the reports are in the metrics and at the endpoint; they are 0 once flat', async () => {
  const { prometheus, opentelemetry, answer } = await ask<{
    prometheus: { growing: string; flat: string };
    opentelemetry: { name: string; values: { site: string; value: number }[] }[];
    answer: { json: string; text: string };
  }>('suspects', GC);
  const series = /^tracemalloc_suspect_growth_bytes_per_hour\{site="(.*)",function="leak"\} (.*)$/m;
  const [, site, speed] = series.exec(prometheus.growing)!;
  expect(Number(speed)).toBeGreaterThan(0);
  expect(Number(series.exec(prometheus.flat)?.[2])).toBe(0);
  expect(Number(/^tracemalloc_suspects (.*)$/m.exec(prometheus.growing)?.[1])).toBeGreaterThan(0);

  const { values } = opentelemetry.find(({ name }) => name === 'tracemalloc.suspect.growth')!;
  expect(values.find((row) => row.site === site)!.value).toBeGreaterThan(0);

  const { suspects: answered } = asReport(JSON.parse(answer.json));
  expect(answered.find((row) => row.site === site)).toMatchObject({ state: 'growing' });
  expect(answer.text).toContain(`: ${site} (leak): growing by +`);
});
