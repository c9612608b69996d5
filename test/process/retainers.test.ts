// SPDX-License-Identifier: MIT
// findRetainers on leaks whose holder is known: each program is a process of its own.
import { describe, expect, it } from 'vitest';
import { TOKENS } from '../fixtures/retainers.mjs';
import { programs } from '../support/child.js';

const run = programs<typeof import('../fixtures/retainers.mjs')>('retainers');

interface Answer {
  readonly text: string;
  readonly samples: number;
  readonly unheld: number;
  readonly changed: number;
  readonly end: string;
  readonly paths: readonly {
    readonly count: number;
    readonly kinds: readonly string[];
    readonly steps: readonly { readonly name: string; readonly lineno: number }[];
  }[];
}

const HELD = 'test/fixtures/held.cjs';
const variable = (name: string) => `variable \`${name}\` of module ${HELD}`;

/** Without shares, arrows, indentation and the path of the checkout. */
const bare = (text: string) =>
  text
    .replaceAll(/ {2}\(\d+ of \d+\)/g, '')
    .replaceAll(/(?<= |\()\/\S*\/(?=test\/fixtures\/)/g, '')
    .split('\n')
    .map((line) => line.trim().replace('→ ', ''));

const NODE_MAJOR = Number(process.versions.node.split('.')[0]);

const LEAKS: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  moduleVariable: [variable('list'), 'Array[*]', 'Object .user', 'Session'],
  map: [variable('cache'), 'Map [entry]', 'Object .entry', 'Session'],
  listener: [
    ...[variable('emitter'), 'EventEmitter ._events', 'Object [key]', 'Array[*]'],
    ...[/^function onData \(test\/fixtures\/held\.cjs:\d+\)$/, 'variable `session`', 'Session'],
  ],
  pendingAwait: [
    ...[variable('never'), 'pending Promise'],
    ...[/^suspended function handle \(.*held\.cjs:\d+\), a local variable$/, 'Session'],
  ],
  asyncStorage: [
    ...[variable('never'), 'pending Promise'],
    NODE_MAJOR < 24 ? 'Promise [Symbol(kResourceStore)]' : 'AsyncContextFrame [entry]',
    'Session',
  ],
  classStatic: [
    ...[variable('Registry'), /^function Registry \(.*held\.cjs:\d+\) \.entries$/],
    ...['Array[*]', 'Session'],
  ],
  buffers: [variable('slices'), 'Array[*]', 'Buffer (internal)', 'ArrayBuffer'],
  set: [variable('seen'), 'Set [entry]', 'Session'],
  privateField: [variable('store'), 'Store .#secret', 'Array[*]', 'Session'],
  symbolKey: [
    ...[variable('registry'), 'Object .bySymbol', 'Array[*]'],
    ...['Object [Symbol(entry)]', 'Session'],
  ],
  dictionary: [variable('registry'), 'Object .byMail', 'Object [key]', 'Session'],
  weakMapValue: [
    ...[variable('keys'), 'Array[*]', 'Object, key of an entry in a WeakMap', 'Session'],
  ],
  prototype: [variable('prototypes'), 'Array[*]', 'Session, its prototype', 'Session'],
  bound: [variable('registry'), 'Object .bound', 'Array[*]', 'bound function', 'Session'],
  generator: [
    ...[variable('registry'), 'Object .generators', 'Array[*]'],
    ...[/^suspended function produce \(.*held\.cjs:\d+\), a local variable$/, 'Session'],
  ],
  proxy: [variable('proxies'), 'Array[*]', 'Proxy, its target', 'Session'],
  globalThis: ['globalThis.leakHere', 'Array[*]', 'Session'],
  outOfObject: [variable('wide'), /^Object (\.late|\[key\])$/, 'Array[*]', 'Session'],
  linkedList: [variable('chain'), 'Object .first', 'list of Object', 'Object .value', 'Session'],
  getter: [
    ...[variable('accessors'), 'Array[*]', 'Object [key]'],
    ...[/^function get kept \(.*held\.cjs:\d+\)$/, 'variable `one`', 'Session'],
  ],
  resolved: [variable('finished'), 'Array[*]', 'result of Promise', 'Session'],
  selfNamed: [
    ...[variable('registry'), 'Object .bound', 'Array[*]'],
    ...[/^function countdown \(.*held\.cjs:\d+\)$/, 'variable `kept`', 'Session'],
  ],
  esmBinding: [
    'variable `exported` of module test/fixtures/retainers.mjs',
    ...['Set [entry]', 'Session'],
  ],
  socket: ['native code', 'TCP [Symbol(owner_symbol)]', 'Socket .state', 'Session'],
};

describe('findRetainers', () => {
  it.each(Object.entries(LEAKS))('tells what holds: %s', async (kind, path) => {
    const answer = await run<Answer>('heldBy', { given: { kind } });
    expect(bare(answer.text)).toEqual(
      path.map((line) => (typeof line === 'string' ? line : expect.stringMatching(line))),
    );
    expect(answer).toMatchObject({ samples: 6, unheld: 0, changed: 0, end: 'complete' });
  });

  it('tells what holds a timer, and merges a list into one step', async () => {
    const answer = await run<Answer>('heldBy', { given: { kind: 'timer' } });
    const lines = bare(answer.text);
    expect(lines[0]).toMatch(/^variable `timerListMap` of module node:(internal\/)?timers$/);
    expect(lines).toContain('list of Timeout');
    expect(lines.at(-1)).toBe('Session');
    expect(answer).toMatchObject({ samples: 6, unheld: 0, changed: 0 });
    for (const { steps } of answer.paths) expect(steps.length).toBeLessThan(9);
  });

  it('tells what holds objects by a table larger than a page', async () => {
    const answer = await run<Answer>('heldBy', { given: { kind: 'largeMap' } });
    expect(bare(answer.text)).toEqual([variable('large'), 'Map [entry]', 'Session']);
    expect(answer).toMatchObject({ samples: 5, unheld: 0, changed: 0 });
  });

  it("tells what holds what a module exports, by Node's cache of modules", async () => {
    const answer = await run<Answer>('heldBy', { given: { kind: 'requireCache' } });
    const lines = bare(answer.text);
    expect(lines.slice(1, 3)).toEqual([
      expect.stringMatching(/^function (Module|require) \(.*\) \._?cache$/),
      'Object [key]',
    ]);
    expect(lines.slice(-3)).toEqual(['Object .kept', 'Array[*]', 'Session']);
    expect(answer).toMatchObject({ samples: 6, unheld: 0, changed: 0 });
  });

  it('finds the objects of a line, by a row of a snapshot or as text', async () => {
    const { byRow, byText, byFilter, line } = await run<{
      byRow: Answer;
      byText: Answer;
      byFilter: Answer;
      line: string;
    }>('ofLine');
    expect(line).toMatch(/retainers\.mjs:\d+$/);
    for (const answer of [byRow, byText, byFilter]) {
      expect(bare(answer.text).slice(0, 3)).toEqual([
        'variable `leaked` of module test/fixtures/retainers.mjs',
        ...['Map [entry]', 'Record'],
      ]);
      expect(answer).toMatchObject({ samples: 10, changed: 0 });
      // At that line V8 makes some objects of its own, such as the shape of the class.
      expect(answer.paths.map(({ count }) => count)).toEqual([10 - answer.unheld]);
      expect(answer.unheld).toBeLessThan(4);
    }
  });

  it('follows a buffer of a line from its memory', async () => {
    const answer = await run<Answer>('buffersOfLine');
    expect(bare(answer.text)).toEqual([
      'variable `memory` of module test/fixtures/retainers.mjs',
      ...['Array[*]', 'Uint8Array (internal)', 'ArrayBuffer (internal)', 'memory of a buffer'],
    ]);
  });

  it('tells no data: neither keys, nor values, nor names that are made', async () => {
    const { text, samples, changed } = await run<{
      text: string;
      samples: number;
      changed: number;
    }>('secrets');
    expect(changed).toBeLessThan(samples / 2);
    expect(text).toContain('variable `vault`');
    for (const ordinary of ['.tokens', '.people']) expect(text).toContain(ordinary);
    expect(text).not.toMatch(/secret|password|4711|@|person[a-j]/);
    for (const token of TOKENS) expect(text).not.toContain(token);
  });

  it('tells each of a thousand objects once', async () => {
    const { samples, unheld, changed, paths } = await run<Answer>('many');
    expect({ samples, unheld, changed }).toEqual({ samples: 1000, unheld: 0, changed: 0 });
    expect(paths.map(({ count }) => count)).toEqual([1000]);
  });

  it.each(['garbage', 'nativeGarbage'] as const)('says of %s that it has no path', async (kind) => {
    const answer = await run<Answer>(kind);
    expect(answer).toMatchObject({ samples: 5, unheld: 5, changed: 0, end: 'complete', paths: [] });
    expect(answer.text).toMatch(/^5 of 5 samples without a path/);
  });

  it('ends at its limits, and says so', async () => {
    const { late, large } = await run<{ late: Answer; large: Answer }>('limited');
    expect(late.end).toBe('timeout');
    expect(late.text).toContain('the search ended early, by its limit of timeout');
    expect(large.end).toBe('memory');
  });

  it('says of samples behind too long paths that they are unsure', async () => {
    const { samples, unheld, changed, end, paths } = await run<Answer>('longList');
    expect({ samples, unheld, end }).toEqual({ samples: 19, unheld: 0, end: 'memory' });
    expect(changed).toBeGreaterThan(12);
    for (const { steps } of paths) expect(steps.length).toBeLessThan(5);
  });

  it('refuses what it can not do', async () => {
    expect(await run('refusals')).toEqual({
      nothing: 'ERR_INVALID_OPTION',
      two: 'ERR_INVALID_OPTION',
      unknown: 'ERR_INVALID_OPTION',
      line: 'ERR_INVALID_OPTION',
      primitive: 'ERR_INVALID_OPTION',
      notTracing: 'ERR_NOT_TRACING',
      precision: 'ERR_UNSUPPORTED_PRECISION',
      busy: 'ERR_BUSY',
      afterwards: 'OK',
    });
  });

  it('works in a worker, and ends with it', async () => {
    expect(await run('inWorker')).toEqual({
      text: expect.stringContaining('variable `heldInWorker`'),
      terminated: 1,
    });
  });
});
