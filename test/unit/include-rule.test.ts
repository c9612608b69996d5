// SPDX-License-Identifier: MIT
// The native layers: core and process know neither V8 nor Node, v8 knows them and V8, tracer builds
// on v8; addon.cc and napi alone know Node-API. Every #include of the shipped sources is held against that.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const native = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'native');

interface Include {
  name: string;
  quoted: boolean;
}

/** What an include is, by its name. */
function kindOf({ name, quoted }: Include): string {
  if (quoted) return name.includes('/') ? name.slice(0, name.indexOf('/')) : name;
  if (/^(node_api|js_native_api|uv|node|node_buffer|node_object_wrap)(_types)?\.h$/.test(name)) {
    return 'node';
  }
  if (name === 'node_version.h') return 'node version';
  if (/^(v8[-.]|libplatform\/|cppgc\/)/.test(name)) return 'engine';
  return name.includes('.') || name.includes('/') ? 'system' : 'std';
}

/** What is forbidden in `file` (relative to native/), one sentence each. */
function violations(file: string, text: string): string[] {
  const layer = file.includes('/') ? file.slice(0, file.indexOf('/')) : file;
  const allowed: Record<string, string[]> = {
    core: ['std', 'core'],
    process: ['std', 'system', 'process'],
    v8: ['std', 'system', 'engine', 'node version', 'core', 'process', 'v8'],
    'tracer.h': ['std', 'engine', 'core', 'v8'],
    'tracer.cc': ['std', 'engine', 'node version', 'core', 'v8', 'tracer.h'],
    napi: ['std', 'engine', 'node', 'core', 'process', 'v8', 'napi'],
    'addon.cc': ['std', 'engine', 'node', 'node version', 'napi', 'tracer.h'],
  };
  if (!(layer in allowed)) return [`${file} belongs to no layer`];
  const includes = [...text.matchAll(/^\s*#\s*include\s*(["<])([^">]+)[">]/gm)].map((match) => ({
    name: match[2]!,
    quoted: match[1] === '"',
  }));
  return includes
    .filter((include) => !allowed[layer]!.includes(kindOf(include)))
    .map((include) => `${file} includes ${include.name}`);
}

const sources = readdirSync(native, { recursive: true, encoding: 'utf8' }).filter(
  (name) => /\.(cc|h)$/.test(name) && !name.startsWith('test/'),
);

describe('include rule', () => {
  it('sees the sources of every layer', () => {
    for (const file of ['addon.cc', 'tracer.cc', 'core/wire.cc', 'v8/public_sampler.cc']) {
      expect(sources).toContain(file);
    }
  });

  it.each(sources)('%s', (file) => {
    expect(violations(file, readFileSync(join(native, file), 'utf8'))).toEqual([]);
  });

  it.each(sources)('%s names files of ours that exist', (file) => {
    const text = readFileSync(join(native, file), 'utf8');
    const missing = [...text.matchAll(/^#include "([^"]+)"/gm)]
      .map((match) => match[1]!)
      .filter((name) => !existsSync(join(native, name)));
    expect(missing).toEqual([]);
  });

  it.each([
    ['core/frame.cc', '#include <v8.h>'],
    ['core/frame.cc', '#include <unistd.h>'],
    ['core/frame.h', '#include "v8/engine.h"'],
    ['process/heap_sizes.h', '#include <v8.h>'],
    ['v8/engine.h', '#include "tracer.h"'],
    ['v8/engine.h', '#include <node_api.h>'],
    ['tracer.cc', '  #  include <node_api.h>'],
    ['napi/values.h', '#include "tracer.h"'],
    ['addon.cc', '#include "core/wire.h"'],
    ['addon.cc', '#include "v8/engine.h"'],
    ['extra.cc', ''],
  ])('would object to %s with %s', (file, text) => {
    expect(violations(file, text)).toHaveLength(1);
  });
});
