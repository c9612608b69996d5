// SPDX-License-Identifier: MIT
// The package managers, of pinned versions, from the npm registry, in a cache outside the
// repository.
import { existsSync, mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { command } from './command.js';

const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'tracemalloc');

/** The directory of an npm package of exactly this version, with its dependencies beside it. */
export function fetchTool(name: string, version: string): string {
  const directory = join(cache, `tool-${name.replace(/\W+/g, '-')}-${version}`);
  if (!existsSync(directory)) {
    mkdirSync(cache, { recursive: true });
    const temporary = mkdtempSync(join(cache, 'fetch-'));
    writeFileSync(join(temporary, 'package.json'), '{ "private": true }');
    command(
      'npm',
      [
        'install',
        '--ignore-scripts',
        '--no-audit',
        '--no-fund',
        '--save-exact',
        `${name}@${version}`,
      ],
      { cwd: temporary },
    );
    renameSync(temporary, directory);
  }
  return join(directory, 'node_modules', name);
}

export interface Client {
  readonly name: string;
  /** Installs the application in `directory`. */
  install(directory: string): void;
  /** False: it does not support `git+file:` URLs. */
  readonly takesGitFiles: boolean;
  /** Node's arguments before the script's name. */
  readonly nodeArguments?: (directory: string) => readonly string[];
}

const registry = () => command('npm', ['config', 'get', 'registry']).trim();

const npm = (version: string, ...args: string[]): Client => ({
  name: `npm ${version}${args.map((arg) => ` ${arg}`).join('')}`,
  takesGitFiles: true,
  install: (cwd) => {
    const cli = join(fetchTool('npm', version), 'bin/npm-cli.js');
    command(process.execPath, [cli, 'install', '--no-audit', '--no-fund', ...args], { cwd });
  },
});

const yarn = (linker: 'node-modules' | 'pnp'): Client => ({
  name: `yarn 4.18.1, ${linker}`,
  takesGitFiles: false,
  install: (cwd) => {
    writeFileSync(
      join(cwd, '.yarnrc.yml'),
      `nodeLinker: ${linker}\nenableGlobalCache: false\nenableTelemetry: false\nenableImmutableInstalls: false\n`,
    );
    writeFileSync(join(cwd, 'yarn.lock'), '');
    command(
      process.execPath,
      [join(fetchTool('@yarnpkg/cli-dist', '4.18.1'), 'bin/yarn.js'), 'install'],
      { cwd, env: { YARN_NPM_REGISTRY_SERVER: registry(), YARN_HTTP_TIMEOUT: '60000' } },
    );
  },
  ...(linker === 'pnp' && {
    nodeArguments: (cwd: string) => [
      ...['--require', join(cwd, '.pnp.cjs')],
      ...['--experimental-loader', pathToFileURL(join(cwd, '.pnp.loader.mjs')).href],
    ],
  }),
});

export const CLIENTS: readonly Client[] = [
  npm('11.21.2'),
  npm('11.21.2', '--ignore-scripts'),
  npm('12.2.0', '--allow-git=all'),
  {
    name: 'pnpm 12.21.0',
    takesGitFiles: true,
    install: (cwd) => {
      const file = join(fetchTool('pnpm', '12.21.0'), '../.bin/pnpm');
      command(file, ['install', '--no-frozen-lockfile'], {
        cwd,
        env: { npm_config_registry: registry(), npm_config_store_dir: join(cwd, '.store') },
      });
    },
  },
  yarn('node-modules'),
  yarn('pnp'),
  {
    name: 'bun 1.4.5 as installer',
    takesGitFiles: true,
    install: (cwd) => {
      const file = join(fetchTool('@oven/bun-linux-x64', '1.4.5'), 'bin/bun');
      const env = { npm_config_registry: registry(), BUN_INSTALL_CACHE_DIR: join(cwd, '.bun') };
      command(file, ['install'], { cwd, env });
    },
  },
];
