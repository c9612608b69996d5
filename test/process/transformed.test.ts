// SPDX-License-Identifier: MIT
// Code that was transformed in memory, by hand: the text that V8 runs under a file's name is not
// the file's. programs/loaders.mjs does the same with the tools themselves.
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { evaluate } from '../support/child.js';

const SOURCE = `// a comment

exports.fill = (kept) => {
  for (let i = 0; i < 500; i++) kept.push(new Array(1000).fill(i));
};
`;
const COLUMN = SOURCE.split('\n')[3]!.indexOf('new Array') + 1;
const EXACT = { lineno: 4, column: COLUMN, approximate: false };
// Its third line maps to SOURCE's fourth, array to array.
const MOVED = `let counter = 0;
exports.fill = (kept) => {
  for (; counter < 500; counter++) kept.push(new Array(1000).fill(counter));
};
`;
const MOVED_COLUMN = MOVED.split('\n')[2]!.indexOf('new Array') + 1;
const GENERATED = { lineno: 3, column: MOVED_COLUMN, approximate: true };

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tracemalloc-transformed-'));
  writeFileSync(join(directory, 'app.cjs'), SOURCE);
});
afterEach(() => rmSync(directory, { recursive: true }));

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
function vlq(number: number): string {
  let rest = Math.abs(number) * 2 + (number < 0 ? 1 : 0);
  let text = '';
  do {
    text += DIGITS[(rest & 31) | (rest > 31 ? 32 : 0)];
    rest >>= 5;
  } while (rest > 0);
  return text;
}

/** A map with one place: that of the arrays in MOVED. */
function mapOf(
  { line, column } = { line: 4, column: COLUMN },
  source = 'app.cjs',
  sourcesContent?: [string],
): string {
  const place = [MOVED_COLUMN - 1, 0, line - 1, column - 1].map(vlq).join('');
  const mappings = `;;${place}`;
  return JSON.stringify({ version: 3, sources: [source], sourcesContent, names: [], mappings });
}

function inline(map: string): string {
  const data = Buffer.from(map).toString('base64');
  return `//# sourceMappingURL=data:application/json;base64,${data}\n`;
}

interface Told {
  filename: string;
  lineno: number;
  column: number;
  approximate: boolean;
}

interface Compiled {
  /** Compiled as Node's loader does; else by `vm`, wrapped in a function. */
  isModule?: boolean;
  /** The name of each text; default: app.cjs. */
  name?: string;
  /** In place of the file's path, for texts that `vm` compiles. */
  scriptName?: string;
  columnOffset?: number;
  /** `vm` compiles the texts as they are; they call `exports.fill` at their end, or set it. */
  isBare?: boolean;
  /** Files to write once the texts have run. */
  afterwards?: Record<string, string>;
  /** Positions are read after the scripts are gone and tracing has ended. */
  isLate?: boolean;
  args?: string[];
}

/** The places reported for the arrays of each text, run in this order. */
async function toldOf(texts: string[], options: Compiled = {}): Promise<Told[]> {
  const { args = [], ...rest } = options;
  const given = { texts, path: join(directory, options.name ?? 'app.cjs'), directory, ...rest };
  return evaluate(
    async ({ tracemalloc, given }) => {
      const { createRequire } = await import('node:module');
      const { writeFileSync } = await import('node:fs');
      const vm = await import('node:vm');
      const { Module } = createRequire(given.path)('node:module');
      tracemalloc.start({ sampleInterval: 1024 });
      globalThis.kept = [];
      process.chdir(given.directory);
      const run = (text: string) => {
        const module = new Module(given.path);
        module.filename = given.path;
        const { scriptName: filename = given.path, columnOffset = 0, isBare } = given;
        const wrapped = isBare ? text : `(function (exports) {${text}\n})`;
        if (given.isModule) module._compile(text, given.path);
        else vm.runInThisContext(wrapped, { filename, columnOffset })(module.exports);
        module.exports.fill(globalThis.kept);
      };
      for (const text of given.texts) run(text);
      for (const [name, text] of Object.entries(given.afterwards ?? {}))
        writeFileSync(`${given.directory}/${name}`, text);
      const snapshot = tracemalloc.takeSnapshot();
      if (given.isLate) {
        tracemalloc.stop();
        for (let i = 0; i < 5; i++) {
          globalThis.gc!();
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
      return snapshot
        .statistics('traceback')
        .slice(0, given.texts.length)
        .map(({ traceback }) => {
          const { filename, lineno, column, approximate } = traceback.at(-1)!;
          return { filename, lineno, column, approximate };
        });
    },
    { given, args: ['--expose-gc', ...args], isQuiet: true },
  );
}

const app = () => join(directory, 'app.cjs');

test("Node's own loader, the file's own text: places are exact", async () => {
  expect(await toldOf([SOURCE], { isModule: true })).toEqual([{ ...EXACT, filename: app() }]);
});

test('another text without a map: approximate', async () => {
  expect(await toldOf([MOVED], { isModule: true })).toEqual([{ ...GENERATED, filename: app() }]);
});

test.each([false, true])('another text with its map inside (read late: %j)', async (isLate) => {
  const told = await toldOf([MOVED + inline(mapOf())], { isModule: true, isLate });
  expect(told).toEqual([{ ...EXACT, filename: app() }]);
});

test('a map is read once, however often tracing starts', async () => {
  const used = await evaluate(
    async ({ tracemalloc, given: { path, text } }) => {
      const { createRequire } = await import('node:module');
      const { Module } = createRequire(path)('node:module');
      const module = new Module(path);
      module._compile(text, path);
      const used = [];
      for (let i = 0; i < 5; i++) {
        tracemalloc.start({ sampleInterval: 1024 });
        const kept: unknown[] = [];
        module.exports.again();
        module.exports.fill(kept);
        const [top] = tracemalloc.takeSnapshot().statistics('lineno', { frames: 'own' });
        used.push([top?.traceback.at(-1)?.lineno, tracemalloc.status().sourceMaps.used]);
        tracemalloc.stop();
      }
      return used;
    },
    {
      given: {
        path: app(),
        text: `${MOVED}exports.again = () => (counter = 0);\n${inline(mapOf())}`,
      },
    },
  );
  expect(used[0]![0]).toBe(4);
  expect(used).toEqual(Array.from({ length: 5 }, () => used[0]));
});

test('a text wrapped in a function: exact, except on the first line', async () => {
  expect(await toldOf([SOURCE])).toEqual([{ ...EXACT, filename: app() }]);
  writeFileSync(app(), SOURCE.replaceAll('\n', ' ').replace('// a comment', ''));
  const [first] = await toldOf([SOURCE.replaceAll('\n', ' ').replace('// a comment', '')]);
  expect(first).toMatchObject({ lineno: 1, approximate: true });
});

test.each(['app', 'app.cjs?t=1', 'app.cjs', './app.cjs'])(
  'a name that is no path of a script: %s',
  async (scriptName) => {
    const file = join(directory, scriptName.replace(/\?.*/, ''));
    writeFileSync(file, SOURCE);
    const place = (text: string) => toldOf([text], { scriptName });
    expect(await place(SOURCE)).toMatchObject([EXACT]);
    expect(await place(MOVED)).toMatchObject([{ ...GENERATED, filename: scriptName }]);
    const path = join(directory, scriptName);
    expect(await toldOf([MOVED], { scriptName: path })).toMatchObject([GENERATED]);
    unlinkSync(file);
    expect(await place(MOVED)).toMatchObject([{ ...GENERATED, approximate: false }]);
  },
);

const ONE_LINE =
  'exports.fill = (kept) => { while (kept.length < 500) kept.push(new Array(1000)); };';
const ONE_LINE_COLUMN = ONE_LINE.indexOf('new Array') + 1;

test('a map of one line, and that line within another one: approximate', async () => {
  const place = [ONE_LINE_COLUMN - 1, 0, 6, 2].map(vlq).join('');
  const map = { version: 3, sources: ['app.ts'], names: [], mappings: place };
  const text = `${ONE_LINE}\n${inline(JSON.stringify(map))}`;
  const exact = { lineno: 7, column: 3, approximate: false };
  expect(await toldOf([text], { isModule: true })).toMatchObject([exact]);
  expect(await toldOf([text])).toMatchObject([{ approximate: true }]);
  // So it is where the caller of V8 knows how far the text has moved.
  const bare = `(exports) => { ${text.replace('};', '}; }')}`;
  expect(await toldOf([bare], { isBare: true, columnOffset: 5 })).toMatchObject([
    { approximate: true },
  ]);
});

test("the file's text, moved within its first line: approximate there", async () => {
  const text = `(exports) => { ${ONE_LINE}\n}`;
  writeFileSync(app(), text);
  const told = (columnOffset: number) => toldOf([text], { isBare: true, columnOffset });
  expect(await told(0)).toMatchObject([{ lineno: 1, approximate: false }]);
  expect(await told(5)).toMatchObject([{ lineno: 1, approximate: true }]);
});

test('a map that was made from another text than the file holds: approximate', async () => {
  const source = '\n\n\n// another text\n';
  const told = (content: string) =>
    toldOf([MOVED + inline(mapOf({ line: 4, column: 1 }, 'app.ts', [content]))], {
      isModule: true,
    });
  const place = { lineno: 4, column: 1, filename: join(directory, 'app.ts') };
  expect(await told(source)).toEqual([{ ...place, approximate: false }]);
  writeFileSync(join(directory, 'app.ts'), source);
  expect(await told(source)).toEqual([{ ...place, approximate: false }]);
  expect(await told(`\ufeff${source.replaceAll('\n', '\r\n')}`)).toEqual([
    { ...place, approximate: false },
  ]);
  expect(await told(`\n${source}`)).toEqual([{ ...place, approximate: true }]);
});

test('a file with a byte order mark, which Node passes on to V8 in CommonJS', async () => {
  const path = join(directory, 'marked.cjs');
  const text =
    '\ufeff// first line\nexports.fill = (kept) => {\n  kept.push(new Array(20_000));\n};\n';
  writeFileSync(path, text);
  expect(await toldOf([text], { name: 'marked.cjs', isModule: true })).toEqual([
    { filename: path, lineno: 3, column: 13, approximate: false },
  ]);
});

test('an eval in a text with a map: the place in the source', async () => {
  const text = `exports.fill = (kept) => {
  kept.push(new Array(20_000));
  eval('for (let i = 0; i < 500; i++) kept.push(new Array(1000).fill(i))');
};
`;
  const [array, call] = ['new Array(2', 'eval('].map((what) => {
    const line = text.split('\n').find((line) => line.includes(what))!;
    return line.indexOf(what);
  });
  const places = [[array!, 0, 9, 2].map(vlq).join(''), [call!, 0, 1, 0].map(vlq).join('')];
  const map = { version: 3, sources: ['app.ts'], names: [], mappings: `;${places.join(';')}` };
  const told = (text: string) => toldOf([text], { isModule: true });
  const [mapped] = await told(text + inline(JSON.stringify(map)));
  expect(mapped!.filename).toBe(`eval at exports.fill (${join(directory, 'app.ts')}:11:3)`);
  const [unmapped] = await told(text);
  expect(unmapped!.filename).toBe(`eval at exports.fill (${app()})`);
  writeFileSync(app(), text);
  const [same] = await told(text);
  expect(same!.filename).toBe(`eval at exports.fill (${app()}:3:3)`);
});

test('two texts of one name: each by its own map', async () => {
  const other = mapOf({ line: 41, column: 7 });
  const told = await toldOf([MOVED + inline(mapOf()), MOVED + inline(other)], { isModule: true });
  expect(told.map(({ lineno }) => lineno).sort()).toEqual([4, 41]);
  expect(told.map(({ approximate }) => approximate)).toEqual([false, false]);
});

test("a loader that leaves the file's own map in a text it has changed: approximate", async () => {
  const text = MOVED + inline(mapOf({ line: 4, column: COLUMN }, 'app.ts'));
  writeFileSync(app(), text);
  expect(await toldOf([text], { isModule: true })).toEqual([
    { ...EXACT, filename: join(directory, 'app.ts') },
  ]);
  const [changed] = await toldOf([`let calls = 0;\n${text}`], { isModule: true });
  expect(changed).toMatchObject({ approximate: true });
});

const EXTERNAL = `${MOVED}//# sourceMappingURL=app.cjs.map\n`;

test('a map in a file', async () => {
  writeFileSync(app(), EXTERNAL);
  writeFileSync(`${app()}.map`, mapOf({ line: 4, column: COLUMN }, 'app.ts'));
  const place = { ...EXACT, filename: join(directory, 'app.ts') };
  expect(await toldOf([EXTERNAL], { isModule: true })).toEqual([place]);
  // The map belongs to another text.
  const moved = `let calls = 0;\n${EXTERNAL}`;
  const [told] = await toldOf([moved], { isModule: true });
  expect(told).toMatchObject({ approximate: true });
});

test.each(['--no-warnings', '--enable-source-maps'])(
  'a later build: approximate (%s)',
  async (arg) => {
    writeFileSync(app(), EXTERNAL);
    writeFileSync(`${app()}.map`, mapOf({ line: 4, column: COLUMN }, 'app.ts'));
    const second = mapOf({ line: 9, column: 2 }, 'app.ts');
    const afterwards = { 'app.cjs': `\n${EXTERNAL}`, 'app.cjs.map': second };
    const [told] = await toldOf([EXTERNAL], { isModule: true, afterwards, args: [arg] });
    expect(told).toMatchObject({ approximate: true });
  },
);

test('a missing map: the generated place, which is exact for the file', async () => {
  writeFileSync(app(), EXTERNAL);
  expect(await toldOf([EXTERNAL], { isModule: true })).toEqual([
    { ...GENERATED, approximate: false, filename: app() },
  ]);
});

test('a missing file: the generated place is exact', async () => {
  unlinkSync(app());
  expect(await toldOf([MOVED], { isModule: true })).toEqual([
    { ...GENERATED, approximate: false, filename: app() },
  ]);
});

test('a name given by a bundler, without a map: approximate', async () => {
  const text = `${MOVED}//# sourceURL=webpack-internal:///./app.js`;
  const [told] = await toldOf([text], { isModule: true });
  expect(told).toMatchObject({ lineno: 3, approximate: true });
});

test('sourceMaps: false shows the generated places', async () => {
  const told = await evaluate(
    async ({ tracemalloc, given }) => {
      const vm = await import('node:vm');
      tracemalloc.start({ sampleInterval: 1024, sourceMaps: false });
      globalThis.kept = [];
      const exports: { fill?: (kept: unknown[]) => void } = {};
      vm.runInThisContext(`(exports) => {${given.text}}`, given.path)(exports);
      exports.fill!(globalThis.kept);
      const [first] = tracemalloc.takeSnapshot().statistics('lineno');
      return first!.traceback.at(-1)!.lineno;
    },
    { given: { text: `${MOVED}${inline(mapOf())}`, path: app() }, isQuiet: true },
  );
  expect(told).toBe(3);
});

test("track() in another text than the file's, and than the one that is known: approximate", async () => {
  const track = "exports.track = (tracemalloc) => tracemalloc.track('cache', {}, 1e6);";
  writeFileSync(app(), MOVED);
  const told = await evaluate(
    async ({ tracemalloc, given }) => {
      const { createRequire } = await import('node:module');
      const { Module } = createRequire(given.path)('node:module');
      tracemalloc.start({ sampleInterval: 1024 });
      const [one, other] = given.texts.map((text) => {
        const module = new Module(given.path);
        module._compile(text, given.path);
        return module.exports;
      });
      globalThis.kept = [];
      one.fill(globalThis.kept);
      tracemalloc.takeSnapshot();
      other.track(tracemalloc);
      const trace = tracemalloc.takeSnapshot().traces.find(({ domain }) => domain === 'cache');
      const { lineno, approximate } = trace!.traceback.at(-1)!;
      return { lineno, approximate };
    },
    { given: { texts: [MOVED, `${track}\n`], path: app() }, isQuiet: true },
  );
  expect(told).toEqual({ lineno: 1, approximate: true });
});

test('track() uses the same map; without a map it compares the text with the file', async () => {
  const track = "exports.track = (tracemalloc) => tracemalloc.track('cache', {}, 1e6);";
  // The text's last line maps to line 7 of the source.
  const place = [track.lastIndexOf('track('), 0, 6, 1].map(vlq).join('');
  const mapped = JSON.stringify({
    ...{ version: 3, sources: ['app.cjs'], names: [] },
    mappings: `;;${vlq(MOVED_COLUMN - 1)}AAA;;${place}`,
  });
  const told = (text: string, isFilled: boolean) =>
    evaluate(
      async ({ tracemalloc, given }) => {
        const { createRequire } = await import('node:module');
        const { Module } = createRequire(given.path)('node:module');
        tracemalloc.start({ sampleInterval: 1024 });
        const module = new Module(given.path);
        module._compile(given.text, given.path);
        globalThis.kept = [];
        if (given.isFilled) module.exports.fill(globalThis.kept);
        tracemalloc.takeSnapshot();
        module.exports.track(tracemalloc);
        const trace = tracemalloc.takeSnapshot().traces.find(({ domain }) => domain === 'cache');
        const { lineno, approximate } = trace!.traceback.at(-1)!;
        return { lineno, approximate };
      },
      { given: { text, path: app(), isFilled }, isQuiet: true },
    );
  const text = `${MOVED}${track}\n`;
  writeFileSync(app(), text);
  expect(await told(text, false)).toEqual({ lineno: 5, approximate: false });
  const other = `\n${text}`;
  expect(await told(other, false)).toEqual({ lineno: 6, approximate: true });
  expect(await told(text + inline(mapped), true)).toEqual({ lineno: 7, approximate: false });
});
