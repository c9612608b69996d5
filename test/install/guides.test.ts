// SPDX-License-Identifier: MIT
// Each guide, followed to the letter under each Node with the frameworks from the registry: what it
// says is typed in a shell, what it says is seen must be in the output, and it must show the line
// of the example that is marked as leaking.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, test } from 'vitest';
import { ensureNodes } from '../../scripts/nodes.mjs';
import { withoutNpm } from './setup/command.js';
import { missingLines, readGuide, scriptOf } from './setup/guide.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = join(ROOT, 'docs/guides');
const guides = readdirSync(FOLDER).map((file) => basename(file, '.md'));
const nodes = ensureNodes({ wanted: ['20', '22', '24', '26'] });
const LIMIT = 300_000;

/** `file:line` of what leaks, as the example marks it. */
function leakOf(example: string): string {
  for (const file of readdirSync(example, { recursive: true, encoding: 'utf8' })) {
    if (!/\.[cm]?[jt]s$/.test(file)) continue;
    const lines = readFileSync(join(example, file), 'utf8').split('\n');
    const index = lines.findIndex((line) => line.endsWith('// leaks'));
    if (index >= 0) return `${basename(file)}:${index + 1}`;
  }
  throw new Error(`no line of ${example} is marked`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

/** The output of a script of bash, on both streams, in the order it was written. */
async function runScript(script: string, cwd: string, env: NodeJS.ProcessEnv) {
  const child = spawn('bash', ['-c', `exec 2>&1\n${script}`], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  const limit = setTimeout(() => process.kill(-child.pid!, 'SIGTERM'), LIMIT);
  await once(child, 'close');
  clearTimeout(limit);
  return output;
}

describe.each(nodes)('Node $version', ({ executable }) => {
  test.each(guides)(
    '%s',
    async (name) => {
      const example = join(ROOT, 'examples', name);
      const { commands, seen } = readGuide(readFileSync(join(FOLDER, `${name}.md`), 'utf8'));
      expect(seen.join('')).toMatch(new RegExp(`${leakOf(example).replaceAll('.', '\\.')}\\b`));

      const home = mkdtempSync(join(tmpdir(), 'tracemalloc-guide-'));
      const directory = join(home, name);
      cpSync(example, directory, { recursive: true });
      const [port, inner] = [await freePort(), await freePort()];
      const adapted = commands.map((text) =>
        text
          .replaceAll(/\/path\/to\/tracemalloc-[\d.]+\.tgz/g, inject('packed').tarball)
          .replaceAll(/\b3000\b/g, String(port))
          .replaceAll(/\b3001\b/g, String(inner)),
      );
      const env = {
        ...withoutNpm(process.env),
        PATH: `${dirname(executable)}:${process.env['PATH']}`,
        PM2_HOME: join(home, 'pm2'),
        PORT: String(port),
        INNER_PORT: String(inner),
        npm_config_audit: 'false',
        npm_config_fund: 'false',
        npm_config_update_notifier: 'false',
        NEXT_TELEMETRY_DISABLED: '1',
        NO_COLOR: '1',
        FORCE_COLOR: undefined,
      };
      try {
        const output = await runScript(scriptOf(adapted, [port, inner]), directory, env);
        const missing = seen.flatMap((block) => missingLines(block, output));
        expect(missing, output).toEqual([]);
      } finally {
        rmSync(home, { recursive: true, force: true, maxRetries: 5 });
      }
    },
    LIMIT + 60_000,
  );
});
