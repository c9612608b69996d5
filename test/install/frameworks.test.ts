// SPDX-License-Identifier: MIT
// Services of Next.js, Nuxt and Nitro, built without any setting for tracemalloc but the one that
// docs/install.md names for a deployment, where only some of the binaries are there.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { ensureNodes } from '../../scripts/nodes.mjs';
import { makeApplication } from './setup/application.js';
import { fetchTool } from './setup/clients.js';
import { command } from './setup/command.js';

const nodes = ensureNodes().filter(({ version }) => /^2[04]\./.test(version));
const builder = nodes.at(-1)!.executable; // Nuxt needs 22 or later
let deployed: string;

beforeAll(() => {
  deployed = mkdtempSync(join(tmpdir(), 'tracemalloc-deployed-'));
});
afterAll(() => rmSync(deployed, { recursive: true, force: true }));

/** The statements of a request: they allocate 8 MB, and tell what tracemalloc says about it. */
const IMPORTS = `import * as tracemalloc from 'tracemalloc';
import { toHtml } from 'tracemalloc/exporters';
const kept = [];
function keep() {
  for (let i = 0; i < 1000; i++) {
    kept.push(new Array(1000).fill(i));
  }
}`;
const FINDING = `
  const before = tracemalloc.takeSnapshot();
  keep();
  const snapshot = tracemalloc.takeSnapshot();
  const [first] = snapshot.compareTo(before, 'lineno');
  const { precision } = tracemalloc.status();
  const finding = { precision, size: first.sizeDiff, page: toHtml(snapshot).length };`;

/** A project beside the tool, with the package and these files. */
function makeProject(tool: string, version: string, files: Readonly<Record<string, string>>) {
  const root = dirname(dirname(fetchTool(tool, version)));
  const directory = makeApplication(`file:${inject('packed').tarball}`, root);
  command('npm', ['install', '--no-audit', '--no-fund'], { cwd: directory });
  const prebuilds = join(directory, 'node_modules/tracemalloc/prebuilds');
  for (const missing of ['linux-arm64', 'linux-x64/tracemalloc.abi141.glibc.node']) {
    rmSync(join(prebuilds, missing), { recursive: true, force: true });
  }
  for (const name of ['esm.mjs', 'cjs.cjs']) rmSync(join(directory, name));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return directory;
}

// Outside the parents of the project: Next.js searches for its root only up to HOME.
const ENV = { NEXT_TELEMETRY_DISABLED: '1', NUXT_TELEMETRY_DISABLED: '1', HOME: '/nonexistent' };

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

/** Runs a server, asks it once, and ends it. */
async function answerOf(executable: string, args: readonly string[], cwd: string, path: string) {
  const port = await freePort();
  const PORT = String(port);
  const env = { ...ENV, PATH: `${dirname(executable)}:/usr/bin:/bin`, PORT };
  const child = spawn(executable, args, {
    cwd,
    env: { ...env, HOST: '127.0.0.1', HOSTNAME: '127.0.0.1', NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const closed = once(child, 'close');
  try {
    for (let i = 0; i < 240 && child.exitCode === null; i++) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
      if (response?.ok) return await response.json();
      if (response !== undefined) break;
      await delay(250);
    }
    throw new Error(output);
  } finally {
    child.kill('SIGTERM');
    await closed;
  }
}

async function expectWorks(args: readonly string[], cwd: string, path: string) {
  for (const { executable } of nodes) {
    const finding = (await answerOf(executable, args, cwd, path)) as Record<string, number>;
    expect(finding).toMatchObject({ precision: 'line' });
    // 1000 arrays of 8016 bytes, minus six standard errors, each of 8016 * sqrt(1000 * (1 / p - 1))
    // bytes with p = 1 - exp(-8016 / 4096). Next.js puts a bundle on one line, on which the tracker,
    // as a part of it, also allocates.
    expect(finding['size']).toBeGreaterThan(8.016e6 - 6 * 0.103e6);
    expect(finding['size']).toBeLessThan(12e6);
    expect(finding['page']).toBeGreaterThan(50_000);
  }
}

// What instrumentation.js loads and what a route loads are in different bundles.
const NEXT = {
  'app/layout.js':
    'export default ({ children }) => <html lang="en"><body>{children}</body></html>;\n',
  'app/leak/route.js': `${IMPORTS}
export const dynamic = 'force-dynamic';
export function GET() {${FINDING}
  return Response.json(finding);
}`,
  'instrumentation.js': `export async function register() {
  const { start } = await import('tracemalloc');
  start({ sampleInterval: 4096 });
}`,
  'next.config.mjs': `export default process.env.STANDALONE === undefined ? {} : {
  output: 'standalone',
  outputFileTracingIncludes: { '/*': ['node_modules/tracemalloc/**'] },
};`,
};

test.each(['--turbopack', '--webpack'])(
  'Next.js %s',
  async (bundler) => {
    const directory = makeProject('next', '16.4.6', NEXT);
    const next = join(fetchTool('next', '16.4.6'), 'dist/bin/next');
    const options = { cwd: directory, env: ENV };
    command(builder, [next, 'build', bundler], options);
    await expectWorks([next, 'start'], directory, '/leak');

    command(builder, [next, 'build', bundler], { ...options, env: { ...ENV, STANDALONE: '1' } });
    const target = join(deployed, `next${bundler}`);
    cpSync(join(directory, '.next/standalone'), target, {
      recursive: true,
      verbatimSymlinks: true,
    });
    const place = join(target, directory.slice(dirname(directory).length));
    await expectWorks(['server.js'], place, '/leak');
  },
  600_000,
);

test('Nuxt', async () => {
  const directory = makeProject('nuxt', '4.5.2', {
    'nuxt.config.ts': 'export default defineNuxtConfig({});\n',
    'app/app.vue': '<template><div>app</div></template>\n',
    'server/plugins/trace.js': `import { start } from 'tracemalloc';
export default defineNitroPlugin(() => start({ sampleInterval: 4096 }));`,
    'server/api/leak.js': `${IMPORTS}
export default defineEventHandler(() => {${FINDING}
  return finding;
});`,
  });
  const nuxt = join(fetchTool('nuxt', '4.5.2'), 'bin/nuxt.mjs');
  command(builder, [nuxt, 'build'], { cwd: directory, env: { ...ENV, HOME: deployed } });
  await expectWorksElsewhere(directory, 'nuxt', '/api/leak');
}, 600_000);

test('Nitro', async () => {
  const directory = makeProject('nitro', '3.0.0', {
    'nitro.config.mjs': `export default { serverDir: './', plugins: ['./trace.js'] };\n`,
    'trace.js': `import { start } from 'tracemalloc';
export default () => start({ sampleInterval: 4096 });`,
    'routes/leak.js': `import { defineHandler } from 'nitro/h3';
${IMPORTS}
export default defineHandler(() => {${FINDING}
  return finding;
});`,
  });
  const nitro = join(fetchTool('nitro', '3.0.0'), 'dist/cli/index.mjs');
  const args = [nitro, 'build', '--preset', 'node-server'];
  command(builder, args, { cwd: directory, env: { ...ENV, HOME: deployed } });
  await expectWorksElsewhere(directory, 'nitro', '/leak');
}, 600_000);

async function expectWorksElsewhere(directory: string, name: string, path: string) {
  const target = join(deployed, name);
  cpSync(join(directory, '.output'), target, { recursive: true, verbatimSymlinks: true });
  await expectWorks([join(target, 'server/index.mjs')], target, path);
}
