// SPDX-License-Identifier: MIT
// Containers can't be run here. So the Dockerfile and the manifest of the guide are read, and have
// to be what the guide runs without a cluster.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readGuide } from './setup/guide.js';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const guide = read('docs/guides/kubernetes.md');
const manifest = read('examples/kubernetes/deployment.yaml');
const { spec } = parse(manifest).spec.template;
const [container] = spec.containers;
const variables = Object.fromEntries(
  container.env.map(({ name, value }: { name: string; value: string }) => [name, value]),
);
const instructions = read('examples/kubernetes/Dockerfile')
  .trim()
  .split('\n')
  .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const);
const instruction = (name: string) => instructions.find(([at]) => at === name)?.[1] ?? '';

test('the guide runs the command of the image with the variables of the manifest', () => {
  const typed = readGuide(guide).commands.join('');
  expect(typed).toContain(` ${JSON.parse(instruction('CMD')).join(' ')} `);
  expect(Object.keys(variables).sort()).toEqual(['NODE_OPTIONS', 'TRACEMALLOC', 'TRACEMALLOC_DIR']);
  expect(typed).toContain(`NODE_OPTIONS='${variables['NODE_OPTIONS']}'`);
  expect(typed).toContain(`TRACEMALLOC=${variables['TRACEMALLOC']} `);
  expect(typed).toContain(`TRACEMALLOC_DIR=${variables['TRACEMALLOC_DIR'].slice(1)}\n`);
});

test('the guide shows the manifest as it is', () => {
  const [, shown] = /^```yaml\n([\s\S]*?)^```$/m.exec(guide) ?? [];
  expect(manifest).toContain(shown);
});

test('dumps outlive the container, and V8 runs out of heap before the container does', () => {
  const [mount] = container.volumeMounts;
  expect(mount.mountPath).toBe(variables['TRACEMALLOC_DIR']);
  expect(spec.volumes).toContainEqual(
    expect.objectContaining({ name: mount.name, emptyDir: expect.anything() }),
  );
  const [, heap] = /--max-old-space-size=(\d+)/.exec(variables['NODE_OPTIONS']) ?? [];
  expect(container.resources.limits.memory).toBe(`${2 * Number(heap)}Mi`);
});

test('the image has glibc, the port of the manifest, and what the application needs', () => {
  expect(instruction('FROM')).toMatch(/^node:\d+-slim$/);
  expect(Number(instruction('EXPOSE'))).toBe(container.ports[0].containerPort);
  const names = instructions.map(([name]) => name);
  expect(names).toEqual(['FROM', 'WORKDIR', 'COPY', 'RUN', 'COPY', 'USER', 'EXPOSE', 'CMD']);
});
