// SPDX-License-Identifier: MIT
// Finds and checks the addon, on first use and not before. prebuilds/ is the one place where
// binaries live, shipped or built here.
import { TracemallocError } from '../errors.js';
import { binaryFile, packageVersion } from '../files/package-files.js';
import { sharedByCopies } from '../host/shared-by-copies.js';
import type { Binding } from './binding.js';
import { prebuildFor } from './prebuilds.js';

const BUILD =
  'node node_modules/tracemalloc/scripts/build-native.mjs (with g++, make and Python 3)';

const shared = sharedByCopies(`${packageVersion} addon`, () => ({
  loaded: undefined as Binding | undefined,
}));

/**
 * The addon for this Node.
 *
 * @throws TracemallocError ERR_UNSUPPORTED_PLATFORM: no binary for this platform and ABI, one that
 *   was built for another, or addons are not allowed.
 */
export function loadAddon(): Binding {
  shared.loaded ??= load();
  return shared.loaded;
}

/** The addon if something has already asked for it. */
export function loadedAddon(): Binding | undefined {
  return shared.loaded;
}

function load(): Binding {
  const { platform, arch, version, versions } = process;
  const abi = versions.modules;
  const where = `Node ${version} (ABI ${abi}) on ${platform}-${arch}`;
  // These runtimes have engines of their own, whatever ABI they report.
  for (const runtime of ['bun', 'deno'] as const) {
    if (versions[runtime] !== undefined) {
      throw unsupported(
        `${runtime} ${versions[runtime]} is not supported, only Node.js itself is: run the program with node`,
      );
    }
  }
  if (versions['electron'] !== undefined) {
    throw unsupported(
      `there is no binary for Electron ${versions['electron']}, whose V8 is not that of Node`,
    );
  }
  const variant = variantOfV8();
  if (variant !== undefined) {
    throw unsupported(
      `${where} has a V8 built with ${variant}, under the same ABI, whose objects have another layout than the binary expects: use a build of Node without it, such as those of nodejs.org`,
    );
  }
  const prebuild = prebuildFor(platform, arch, abi);
  if (prebuild === undefined) {
    throw unsupported(
      `there is no binary for ${where}; supported are linux-x64 and linux-arm64 with glibc and Node 20, 22, 24 and 26, and Node 25 on x64`,
    );
  }
  let addon: Binding;
  try {
    addon = requireAddon(prebuild);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ERR_OUT_OF_MEMORY') throw new TracemallocError(code, message, { cause });
    const remedy = remedyFor(code, message);
    throw unsupported(`no addon for ${where}: ${remedy} [${firstLine(message)}]`, cause);
  }
  // Node does not check the ABI of Node-API addons, and this one calls V8, too.
  if (String(addon.builtFor) !== abi) {
    throw unsupported(
      `the binary was built for ABI ${addon.builtFor}, this is ${where}; rebuild it`,
    );
  }
  return addon;
}

// Not by a require() that bundlers see: each bundler would need a setting for binaries, and would
// fail where one is missing.
function requireAddon(prebuild: string): Binding {
  const file = binaryFile(prebuild);
  return process.getBuiltinModule('node:module').createRequire(file)(file);
}

// Each of these build options moves fields, shrinks pointers or numbers, or changes what a handle
// is, also in the parts of V8's public API that are compiled into the binary.
const OTHER_V8 =
  /^v8_enable_.*(?:pointer_compression|sandbox|cage|31bit_smis|external_code_space|map_packing|direct_handle)/;

/** The build option because of which the binary does not fit this V8; undefined: none. */
function variantOfV8(): string | undefined {
  const variables: Readonly<Record<string, unknown>> = process.config?.variables ?? {};
  const isOn = (value: unknown) => !['', '0', 'false', 'undefined', 'null'].includes(String(value));
  return Object.keys(variables).find((name) => OTHER_V8.test(name) && isOn(variables[name]));
}

function remedyFor(code: string | undefined, message: string): string {
  if (code === 'ERR_DLOPEN_DISABLED') {
    return 'addons are disabled: allow them (no --no-addons; with --permission, --allow-addons)';
  }
  if (!hasGlibc()) {
    return 'this Node uses a C library other than glibc (Alpine uses musl), which is not supported: use an image with glibc, such as node:22-slim';
  }
  if (code === 'MODULE_NOT_FOUND') {
    return `the binary is missing from prebuilds/: reinstall the package, or build it: ${BUILD}`;
  }
  // A binary built for this V8 would not use a symbol that this V8 lacks.
  if (message.includes('undefined symbol')) {
    return `the binary was built for another Node: reinstall the package, or build it for this one: ${BUILD}`;
  }
  return `the binary does not load: reinstall the package, or build it: ${BUILD}`;
}

function hasGlibc(): boolean {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined;
}

function unsupported(message: string, cause?: unknown): TracemallocError {
  return new TracemallocError('ERR_UNSUPPORTED_PLATFORM', message, { cause });
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
