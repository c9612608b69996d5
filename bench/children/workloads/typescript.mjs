// SPDX-License-Identifier: MIT
// The TypeScript compiler checks this package's sources: a large program, with a heap that grows.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript5';

const root = fileURLToPath(new URL('../../../src', import.meta.url));
const files = readdirSync(root, { recursive: true })
  .filter((name) => name.endsWith('.ts') && !name.includes('page/'))
  .map((name) => `${root}/${name}`);

// As in retain.mjs: V8 would choose the size by the first moments.
export const flags = ['--min-semi-space-size=16', '--max-semi-space-size=16'];

export function run() {
  const program = ts.createProgram(files, {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
  });
  return ts.getPreEmitDiagnostics(program).length;
}
