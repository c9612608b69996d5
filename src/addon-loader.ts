// SPDX-License-Identifier: MIT
// Finds and checks the addon, on first use and not before. prebuilds/ is the one place where
// binaries live, shipped or built here; each path is written out so that bundlers see it.
import { createRequire } from 'node:module';
import type { Binding } from './binding.js';
import { TracemallocError } from './errors.js';

const require = createRequire(import.meta.url);

const LOADERS: Readonly<Record<string, () => unknown>> = {
  'linux-x64-115': () => require('../prebuilds/linux-x64/tracemalloc.abi115.glibc.node'),
  'linux-x64-127': () => require('../prebuilds/linux-x64/tracemalloc.abi127.glibc.node'),
  'linux-x64-137': () => require('../prebuilds/linux-x64/tracemalloc.abi137.glibc.node'),
  'linux-x64-141': () => require('../prebuilds/linux-x64/tracemalloc.abi141.glibc.node'),
  'linux-x64-147': () => require('../prebuilds/linux-x64/tracemalloc.abi147.glibc.node'),
};

let loaded: Binding | undefined;

/**
 * The addon for this Node.
 *
 * @throws TracemallocError ERR_UNSUPPORTED_PLATFORM: no binary for this platform and ABI, one that
 *   was built for another, or addons are not allowed.
 */
export function loadAddon(): Binding {
  loaded ??= load();
  return loaded;
}

/** The addon if something has already asked for it. */
export function loadedAddon(): Binding | undefined {
  return loaded;
}

function load(): Binding {
  const { platform, arch, version } = process;
  const abi = process.versions.modules;
  const where = `Node ${version} (ABI ${abi}) on ${platform}-${arch}`;
  const loader = LOADERS[`${platform}-${arch}-${abi}`];
  if (loader === undefined) {
    throw unsupported(
      `there is no binary for ${where}; supported are linux-x64 with glibc and Node 20, 22, 24, 25, 26`,
    );
  }
  let addon: Binding;
  try {
    addon = loader() as Binding;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const remedy = remedyFor(code, message);
    throw unsupported(`no addon for ${where}: ${remedy} [${firstLine(message)}]`, cause);
  }
  // Node checks no ABI of Node-API addons, and this one calls V8 too.
  if (String(addon.builtFor) !== abi) {
    throw unsupported(
      `the binary was built for ABI ${addon.builtFor}, this is ${where}; rebuild it`,
    );
  }
  return addon;
}

function remedyFor(code: string | undefined, message: string): string {
  if (code === 'MODULE_NOT_FOUND') {
    return 'the binary is missing from prebuilds/: reinstall the package, or run `npm run build:native` in a checkout';
  }
  if (code === 'ERR_DLOPEN_DISABLED') {
    return 'addons are disabled: allow them (no --no-addons; with --permission, --allow-addons)';
  }
  // What a V8 does not have, a binary for that V8 does not ask for.
  if (message.includes('undefined symbol')) {
    return 'the binary was built for another Node: reinstall the package, or rebuild it for this one';
  }
  return 'the binary does not load: reinstall the package for this Node and C library';
}

function unsupported(message: string, cause?: unknown): TracemallocError {
  return new TracemallocError('ERR_UNSUPPORTED_PLATFORM', message, { cause });
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
