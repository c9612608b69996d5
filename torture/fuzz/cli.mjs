// SPDX-License-Identifier: MIT
// The command line as users run it, on damaged files, and with damaged arguments. It ends with one
// of its documented exit codes, and never prints a stack trace.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endOf, runNode } from '../node-child.mjs';
import { mutateBytes, mutateText } from './mutate.mjs';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const SOUND = fileURLToPath(new URL('../../test/fixtures/go-heap.pb.gz', import.meta.url));
const WORDS = ['--', '-', '=', '--top', '--key', '--to', '-o', '/dev/full', '/', 'http://', '%'];

const COMMANDS = [
  ['top', 'FILE'],
  ['top', '--key', 'traceback', '--top', '3', 'FILE'],
  ['top', '--frames', 'own', '--exclude', '*/x/*', 'FILE'],
  ['diff', SOUND, 'FILE'],
  ['diff', 'FILE', SOUND],
  ['convert', 'FILE', '--to', 'speedscope', '-o', 'OUT'],
  ['convert', 'FILE', '--to', 'folded'],
  ['report', 'FILE', SOUND, '-o', 'OUT'],
];

export function prepare() {
  const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-fuzz-'));
  const seed = readFileSync(SOUND);
  return async (random) => {
    const file = join(directory, 'heap.pb.gz');
    writeFileSync(file, random.chance(0.8) ? mutateBytes(random, seed) : seed);
    const args = random.pick(COMMANDS).map((word) => {
      const changed = random.chance(0.15) ? mutateText(random, word, WORDS) : word;
      // No NUL can be an argument.
      return changed.replace('FILE', file).replace('OUT', join(directory, 'out')).replace('\0', '');
    });
    const cwd = directory;
    const outcome = await runNode(process.execPath, [CLI, ...args], { cwd, limit: 60_000 });
    const told = `${endOf(outcome)} of ${args.join(' ')}: ${outcome.stderr}`;
    assert([0, 1, 2].includes(outcome.code), told);
    assert.doesNotMatch(outcome.stderr, /\n {4}at /, told);
    assert.equal(outcome.stderr === '', outcome.code === 0, told);
  };
}
