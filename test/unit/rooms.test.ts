// SPDX-License-Identifier: MIT
// Which room may use which: every import of src and every #include of native is compared with the
// tables of scripts/rooms.mjs, which ARCHITECTURE.md shows.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { LATE_PARTS, NATIVE, SRC, TABLES, written } from '../../scripts/rooms.mjs';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const filesIn = (folder: string, names: RegExp) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).filter((name) =>
    names.test(name),
  );

/** The folder of one of our sources, or the module itself if it is in no folder. */
const roomOf = (file: string) => /^.+(?=\/)|^[^/.]+/.exec(file)?.[0] ?? file;

interface Room {
  readonly name: string;
  readonly uses: readonly string[];
  readonly packages?: readonly string[];
}

/** The forbidden uses in `file`, one sentence each. */
function violations(
  rooms: readonly Room[],
  file: string,
  used: readonly { readonly name: string; readonly kind: string }[],
): string[] {
  const room = rooms.find(({ name }) => name === roomOf(file));
  if (room === undefined) return [`${file} belongs to no room`];
  const allowed = [room.name, ...room.uses, ...(room.packages ?? [])];
  return used
    .filter(({ kind }) => !allowed.includes(kind))
    .map(({ name }) => `${file} uses ${name}`);
}

/** What rooms may use, but do not. */
const idle = (rooms: readonly Room[], used: (room: string) => ReadonlySet<string>) =>
  rooms.flatMap(({ name, uses, packages = [] }) =>
    [...uses, ...packages]
      .filter((use) => !used(name).has(use))
      .map((use) => `${name} may use ${use}, and does not`),
  );

/** The kinds of modules that the files of a room use. */
const kindsUsed =
  (files: readonly string[], usesOf: (file: string) => readonly { readonly kind: string }[]) =>
  (room: string) =>
    new Set(
      files
        .filter((file) => roomOf(file) === room)
        .flatMap((file) => usesOf(file).map(({ kind }) => kind)),
    );

describe('the tables', () => {
  it.each([SRC, NATIVE])('list each room after those it uses', (...rooms: Room[]) => {
    const names = rooms.map(({ name }) => name);
    for (const { name, uses } of rooms) {
      const later = uses.filter((use) => names.includes(use) && !before(names, use, name));
      expect(later, name).toEqual([]);
    }
  });

  it('are what ARCHITECTURE.md shows', () => {
    expect(written()).toBe(TABLES);
  });
});

const before = (names: readonly string[], a: string, b: string) =>
  names.indexOf(a) < names.indexOf(b);

describe('src', () => {
  const IMPORT = /(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*'([^'\s]+)'/g;
  const uses = (file: string, text: string) =>
    [...text.matchAll(IMPORT)].flatMap(([, name = '']) => {
      if (name.startsWith('node:')) return roomOf(file) === 'page' ? [{ name, kind: name }] : [];
      const isOurs = name.startsWith('.');
      const kind = isOurs ? roomOf(normalize(join(dirname(file), name))) : name;
      return [LATE_PARTS, '..'].includes(kind) || name.endsWith('.node') ? [] : [{ name, kind }];
    });
  const modules = filesIn('src', /\.c?ts$/).filter((file) => roomOf(file) !== LATE_PARTS);

  it('has no room without a module', () => {
    const inhabited = new Set(modules.map(roomOf));
    expect(SRC.map(({ name }) => name).filter((name) => !inhabited.has(name))).toEqual([]);
  });

  it('allows no room what it does not use', () => {
    const usesOf = (file: string) => uses(file, readFileSync(join(ROOT, 'src', file), 'utf8'));
    expect(idle(SRC, kindsUsed(modules, usesOf))).toEqual([]);
  });

  it.each(modules)('%s', (file) => {
    const text = readFileSync(join(ROOT, 'src', file), 'utf8');
    expect(violations(SRC, file, uses(file, text))).toEqual([]);
  });

  it.each([
    ['traces/frame.ts', "import { Snapshot } from '../snapshot/snapshot.js';"],
    ['traces/frame.ts', "import type { Snapshot } from '../snapshot/snapshot.js';"],
    ['pprof/file.ts', "const { x } = await import('../snapshot/snapshot.js');"],
    ['snapshot/snapshot.ts', "import { takeSnapshot } from '../tracer.js';"],
    ['service/watch.ts', "export { createHandler } from '../http/handler.js';"],
    ['snapshot/filter.ts', "import { parse } from 'acorn';"],
    ['page/live.ts', "import { readFileSync } from 'node:fs';"],
    ['extra/new.ts', ''],
  ])('would object to %s with %s', (file, text) => {
    expect(violations(SRC, file, uses(file, text))).toHaveLength(1);
  });

  const typesIn = (file: string) => {
    const TYPE = /^(export )?(?:abstract )?(?:class|interface|type|enum) (\w+)/gm;
    const text = readFileSync(join(ROOT, 'src', file), 'utf8');
    return [...text.matchAll(TYPE)].map(([, exported, name = '']) => ({
      isExported: exported !== undefined,
      name,
    }));
  };

  it('does not export two types of one name', () => {
    const exported = modules.flatMap(typesIn).filter(({ isExported }) => isExported);
    const names = exported.map(({ name }) => name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it('gives no type of one module the name that another one exports', () => {
    const types = modules.flatMap(typesIn);
    const exported = new Set(types.filter(({ isExported }) => isExported).map(({ name }) => name));
    const local = types.filter(({ isExported }) => !isExported).map(({ name }) => name);
    expect(local.filter((name) => exported.has(name))).toEqual([]);
  });

  // A cycle within a room is one, too.
  it('has no cycle of modules that use each other', () => {
    const imports = new Map(
      modules.map((file) => {
        const text = readFileSync(join(ROOT, 'src', file), 'utf8');
        const targets = [...text.matchAll(IMPORT)]
          .filter(([, name = '']) => name.startsWith('.'))
          .map(([, name = '']) => normalize(join(dirname(file), name)).replace(/js$/, 'ts'));
        return [file, targets];
      }),
    );
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]) => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' > '));
      if (path.includes(file) || done.has(file)) return;
      for (const target of imports.get(file) ?? []) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of modules) visit(file, []);
    expect(circles).toEqual([]);
  });
});

describe('native', () => {
  /** The kind of an include, by its name. */
  function kindOf(name: string, isQuoted: boolean): string {
    if (isQuoted) return roomOf(name);
    if (
      /^(napi|node_api|js_native_api|uv|node|node_buffer|node_object_wrap)(_types)?\.h$/.test(name)
    ) {
      return 'node';
    }
    if (name === 'node_version.h') return 'node version';
    if (/^(v8[-.]|libplatform\/|cppgc\/)/.test(name)) return 'engine';
    return name.includes('.') || name.includes('/') ? 'system' : 'std';
  }
  const uses = (text: string) =>
    [...text.matchAll(/^\s*#\s*include\s*(["<])([^">]+)[">]/gm)].map(([, quote, name = '']) => ({
      name,
      kind: kindOf(name, quote === '"'),
    }));
  const sources = filesIn('native', /\.(cc|h)$/).filter((name) => !name.startsWith('test/'));

  it('has no room without a source', () => {
    const inhabited = new Set(sources.map(roomOf));
    expect(NATIVE.map(({ name }) => name).filter((name) => !inhabited.has(name))).toEqual([]);
  });

  it('allows no room what it does not use', () => {
    const usesOf = (file: string) => uses(readFileSync(join(ROOT, 'native', file), 'utf8'));
    expect(idle(NATIVE, kindsUsed(sources, usesOf))).toEqual([]);
  });

  // The linker takes one of two inline functions of the same name, whichever class it is of.
  it('does not define two types of one name in its headers', () => {
    const TYPE = /^(?:class|struct|enum(?: class)?) (\w+)(?: final)?(?: : [^;{]+)?\s*\{/gm;
    const names = sources
      .filter((name) => name.endsWith('.h'))
      .flatMap((file) => [...readFileSync(join(ROOT, 'native', file), 'utf8').matchAll(TYPE)])
      .map(([, name]) => name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it.each(sources)('%s', (file) => {
    const text = readFileSync(join(ROOT, 'native', file), 'utf8');
    expect(violations(NATIVE, file, uses(text))).toEqual([]);
  });

  it('is all on the map of native/README.md, which has nothing else', () => {
    const readme = readFileSync(join(ROOT, 'native/README.md'), 'utf8');
    const [, map = ''] = readme.split('```');
    const words = new Set(map.match(/\w+/g));
    const names = new Set(sources.map((file) => basename(file).replace(/\.\w+$/, '')));
    expect([...names].filter((name) => !words.has(name))).toEqual([]);
    // What is named as a file, and is none.
    const named = [...words].filter((word) => word.includes('_') && !names.has(word));
    expect(named).toEqual(['probe_addon']);
  });

  it.each(sources)('%s includes existing files only', (file) => {
    const text = readFileSync(join(ROOT, 'native', file), 'utf8');
    const missing = [...text.matchAll(/^#include "([^"]+)"/gm)]
      .map((match) => match[1]!)
      .filter((name) => !existsSync(join(ROOT, 'native', name)));
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
    expect(violations(NATIVE, file, uses(text))).toHaveLength(1);
  });
});
