// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ElfFile } from '../../src/processes/elf-file.js';

test('a symbol that is exported is told from one that is imported, as an executable has it whose Node is in a library', () => {
  using node = new ElfFile(process.execPath);
  expect(node.exportsSymbol('_ZN4node5StartEiPPc')).toBe(true);
  expect(node.exportsSymbol('malloc')).toBe(false);
  expect(node.exportsSymbol('no_such_symbol')).toBe(false);
});

test('a pipe is not waited for', () => {
  const directory = mkdtempSync(join(tmpdir(), 'elf-test-'));
  execFileSync('mkfifo', [join(directory, 'pipe')]);
  expect(() => new ElfFile(join(directory, 'pipe'))).toThrow('no regular file');
  rmSync(directory, { recursive: true });
});
