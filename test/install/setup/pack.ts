// SPDX-License-Identifier: MIT
// Packs the tarball, once for all tests of this folder, and lists the Nodes to run.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { command } from './command.js';

export interface Packed {
  readonly tarball: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

declare module 'vitest' {
  export interface ProvidedContext {
    packed: Packed;
  }
}

export default function setup(project: TestProject): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-pack-'));
  const [packed] = JSON.parse(
    command('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', directory], {
      cwd: project.config.root,
    }),
  );
  project.provide('packed', { ...packed, tarball: join(directory, packed.filename) });
  return () => rmSync(directory, { recursive: true });
}
