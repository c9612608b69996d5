// SPDX-License-Identifier: MIT
// V8's optimizers merge neighbouring allocations into one block, of which any V8 sampler sees one
// allocation on one line (src/compiler/turboshaft/memory-optimization-reducer.h and
// src/maglev/maglev-graph-builder.cc at 13.6). Off, each allocation is seen on its own, in code that
// is optimized from then on.
import { setFlagsFromString } from 'node:v8';

const V8_MAJOR = Number.parseInt(process.versions.v8, 10);

// Off, and V8's default.
const FLAGS: readonly (readonly [name: string, off: string, on: string])[] = [
  ['turbo-allocation-folding', '--no-turbo-allocation-folding', '--turbo-allocation-folding'],
  ...(V8_MAJOR >= 13
    ? [
        [
          'maglev-allocation-folding',
          '--maglev-allocation-folding=0',
          `--maglev-allocation-folding=${V8_MAJOR >= 14 ? 2 : 1}`,
        ] as const,
      ]
    : []),
];

// V8 has no way to ask for a flag's value; what the user gave on the command line stays.
const isUsers = (flag: string) =>
  [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/)].some((argument) =>
    argument.replaceAll('_', '-').includes(flag),
  );

export function disableAllocationFolding(): void {
  for (const [name, off] of FLAGS) if (!isUsers(name)) setFlagsFromString(off);
}

export function restoreAllocationFolding(): void {
  for (const [name, , on] of FLAGS) if (!isUsers(name)) setFlagsFromString(on);
}
