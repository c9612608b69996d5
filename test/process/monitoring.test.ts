// SPDX-License-Identifier: MIT
// The dashboard and the alerts in docs: of metrics that exist, and accepted by Prometheus's tool.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { withPrometheus } from '../support/tools.js';

// The built module: the sources load others by CommonJS.
const built: string = new URL('../../dist/metrics/prometheus.js', import.meta.url).href;
const { registerMetrics } = (await import(
  built
)) as typeof import('../../src/metrics/prometheus.js');

const docs = (name: string) => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));
const ALERTS = docs('prometheus-alerts.yml');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { x: number; y: number; w: number; h: number };
  readonly targets: readonly { expr: string; legendFormat: string }[];
}

const rules: readonly Rule[] = parse(readFileSync(ALERTS, 'utf8')).groups[0].rules;
const dashboard = JSON.parse(readFileSync(docs('grafana-dashboard.json'), 'utf8'));
const panels: readonly Panel[] = dashboard.panels;
const variables: readonly { name: string; definition?: string }[] = dashboard.templating.list;

/** Each metric that is exported, with its labels. */
const exported = new Map<string, readonly string[]>();
const registry = new Registry();
registerMetrics(registry);
for (const { name } of registry.getMetricsAsArray()) {
  const { labelNames } = registry.getSingleMetric(name) as unknown as { labelNames: string[] };
  exported.set(name, labelNames);
}

const expressions = [
  ...rules.map(({ expr }) => expr),
  ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ...variables.flatMap(({ definition = [] }) => definition),
];
const namesIn = (text: string) => text.match(/\btracemalloc_\w+/g) ?? [];
/** Labels that Prometheus adds to each metric. */
const TARGET = ['job', 'instance'];

test('every metric that is named is exported, and each one that is exported is shown', () => {
  const named = new Set(expressions.flatMap(namesIn));
  expect([...named].filter((name) => !exported.has(name))).toEqual([]);
  expect([...exported.keys()].filter((name) => !named.has(name))).toEqual([]);
});

test('every label that is used is one of the metric', () => {
  const used = [
    ...rules.map(({ expr, annotations }) => {
      const texts = Object.values(annotations).join('\n');
      return { expr, labels: [...texts.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label) };
    }),
    ...panels.flatMap(({ targets }) =>
      targets.map(({ expr, legendFormat }) => ({
        expr,
        labels: [
          ...[...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label),
          ...(/ by \(([^)]*)\)/.exec(expr)?.[1]?.split(', ') ?? []),
          ...[...expr.matchAll(/(\w+)=~/g)].map(([, label]) => label),
        ],
      })),
    ),
  ];
  for (const { expr, labels } of used) {
    const known = [...TARGET, ...(exported.get(namesIn(expr)[0]!) ?? [])];
    expect(
      labels.filter((label) => !known.includes(label!)),
      expr,
    ).toEqual([]);
  }
});

test('panels have ids of their own, do not overlap, and use variables that there are', () => {
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const taken = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
  );
  expect(new Set(taken).size).toBe(taken.length);
  const known = variables.map(({ name }) => name);
  const used = [...JSON.stringify(panels).matchAll(/\$\{?(\w+)/g)].map(([, name]) => name!);
  expect(used.filter((name) => !known.includes(name))).toEqual([]);
});

const promtool = (...args: string[]) =>
  execFileSync('promtool', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

test('promtool accepts the alerts and the queries of the dashboard', withPrometheus, () => {
  const directory = mkdtempSync(join(tmpdir(), 'rules-'));
  try {
    const chosen = (expr: string) => expr.replace(/\$(job|instance)/g, 'any');
    const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => chosen(expr)));
    const file = join(directory, 'dashboard.yml');
    const recorded = queries.map((expr, i) => ({ record: `panel:${i}`, expr }));
    writeFileSync(file, stringify({ groups: [{ name: 'dashboard', rules: recorded }] }));
    const checked = promtool('check', 'rules', ALERTS, file);
    expect(checked).toContain(`SUCCESS: ${rules.length} rules found`);
    expect(checked).toContain(`SUCCESS: ${queries.length} rules found`);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

type Labels = Readonly<Record<string, string>>;

/** A text of a rule as Prometheus fills it in. */
function filled(text: string, labels: Labels = {}, value: string): string {
  return text.replace(/\{\{ \$(\w+)(?:\.(\w+))?.*?\}\}/g, (_, variable, label) =>
    variable === 'value' ? value : (labels[label] ?? ''),
  );
}

test('the alerts are raised by a leak, and not by a service that is well', withPrometheus, () => {
  const leak = 'job="shop", instance="a:3000"';
  const well = 'job="shop", instance="b:3000"';
  const site = 'site="/app/cache.js:9", function="keep"';
  // A reading in ten minutes for two days; live memory grows by 20 MiB an hour.
  const series = (metric: string, values: string) => ({ series: metric, values });
  const raised = (alertname: string, eval_time: string, exp_labels?: Labels, value = '') => {
    const annotations = rules.find(({ alert }) => alert === alertname)!.annotations;
    const exp_annotations = Object.fromEntries(
      Object.entries(annotations).map(([key, text]) => [key, filled(text, exp_labels, value)]),
    );
    const exp_alerts = exp_labels === undefined ? [] : [{ exp_labels, exp_annotations }];
    return { eval_time, alertname, exp_alerts };
  };
  const at = { job: 'shop', instance: 'a:3000' };
  const line = { site: '/app/cache.js:9', function: 'keep' };
  const suite = {
    rule_files: [ALERTS],
    evaluation_interval: '10m',
    tests: [
      {
        interval: '10m',
        input_series: [
          series(`tracemalloc_suspects{${leak}}`, '0x6 1x300'),
          series(`tracemalloc_suspects{${well}}`, '0x306'),
          series(
            `tracemalloc_suspect_growth_bytes_per_hour{${leak}, ${site}}`,
            '0x6 209715200x300',
          ),
          series(`tracemalloc_traced_bytes{${leak}}`, '104857600+3495253x300'),
          series(`tracemalloc_traced_bytes{${well}}`, '104857600+10x300'),
          series(`tracemalloc_tracing{${leak}}`, '1x306'),
          series(`tracemalloc_tracing{${well}}`, '0x306'),
        ],
        alert_rule_test: [
          raised('TracemallocSuspect', '80m'),
          raised('TracemallocSuspect', '3h', { severity: 'warning', ...at }, '1'),
          raised('TracemallocFastGrowth', '3h', { severity: 'critical', ...at, ...line }, '200Mi'),
          raised('TracemallocTracedDoubled', '20h'),
          raised('TracemallocTracedDoubled', '30h', { severity: 'warning', ...at }),
          raised('TracemallocOff', '3h', { severity: 'info', job: 'shop', instance: 'b:3000' }),
        ],
      },
      // Services that are well after their start, at once or in two hours, also a day after it; and
      // one that is started again then.
      ...[
        '10485760 104857600 209715200 314572800x300',
        '10485760+26214400x12 325058560x300',
        '314572800x144 10485760 209715200 314572800x300',
      ].map((values) => ({
        interval: '10m',
        input_series: [series(`tracemalloc_traced_bytes{${well}}`, values)],
        alert_rule_test: Array.from({ length: 6 * 40 }, (_, i) =>
          raised('TracemallocTracedDoubled', `${(i + 1) * 10}m`),
        ),
      })),
    ],
  };
  const directory = mkdtempSync(join(tmpdir(), 'alerts-'));
  try {
    const file = join(directory, 'test.yml');
    writeFileSync(file, stringify(suite));
    let told = '';
    try {
      told = promtool('test', 'rules', file);
    } catch (error) {
      told = String((error as { stderr: string; stdout: string }).stdout) + error;
    }
    expect(told).toContain('SUCCESS');
  } finally {
    rmSync(directory, { recursive: true });
  }
});
