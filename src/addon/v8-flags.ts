// SPDX-License-Identifier: MIT
// Optimizations of V8 that blur which line allocates. While tracing, they are off in code that is
// optimized from then on. Bytes would be right with them, too.
//
// Allocation folding merges neighbouring allocations into one block, which is reported once and on
// one line (src/compiler/memory-lowering.cc at 11.3, src/maglev/maglev-graph-builder.cc at 13.6).
// Maglev's loop peeling gives all code of a peeled loop one position, that of its jump back.
//
// Flags apply to the process, not to one isolate: the addon counts the threads that trace.
const V8_MAJOR = Number.parseInt(process.versions.v8, 10);

interface Flag {
  readonly name: string;
  readonly off: string;
  /** V8's default. */
  readonly on: string;
}

const FLAGS: readonly Flag[] = [
  {
    name: 'turbo-allocation-folding',
    off: '--no-turbo-allocation-folding',
    on: '--turbo-allocation-folding',
  },
  // Node has no Maglev before V8 13.
  ...(V8_MAJOR >= 13
    ? [
        {
          name: 'maglev-allocation-folding',
          off: '--maglev-allocation-folding=0',
          on: `--maglev-allocation-folding=${V8_MAJOR >= 14 ? 2 : 1}`,
        },
        {
          name: 'maglev-loop-peeling',
          off: '--no-maglev-loop-peeling',
          on: '--maglev-loop-peeling',
        },
      ]
    : []),
];

// A flag's value can't be read from V8; flags that the user set on the command line are not
// changed.
const isUsers = (flag: string) =>
  [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/)].some((argument) =>
    argument.replaceAll('_', '-').includes(flag),
  );

/**
 * Flags in V8's syntax, for while any thread of the process traces and for when none does any more.
 */
export function v8Flags(): { readonly tracingFlags: string; readonly usualFlags: string } {
  const ours = FLAGS.filter(({ name }) => !isUsers(name));
  return {
    tracingFlags: ours.map(({ off }) => off).join(' '),
    usualFlags: ours.map(({ on }) => on).join(' '),
  };
}
