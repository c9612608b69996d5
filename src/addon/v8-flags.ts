// SPDX-License-Identifier: MIT
// Optimizations of V8 that blur which line allocates. Off while tracing, for code that is optimized
// from then on; bytes are right without that too.
//
// Allocation folding merges neighbouring allocations into one block, which is reported once and on
// one line (src/compiler/memory-lowering.cc at 11.3, src/maglev/maglev-graph-builder.cc at 13.6).
// Maglev's loop peeling gives all code of a peeled loop one position, that of its jump back.
//
// Flags are the process's, not the isolate's: the addon counts the threads that trace.
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
  // Before V8 13 node has no Maglev.
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

// V8 has no way to ask for a flag's value; what the user gave on the command line stays.
const isUsers = (flag: string) =>
  [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/)].some((argument) =>
    argument.replaceAll('_', '-').includes(flag),
  );

/** As V8 understands them: while any thread of the process traces, and when none does any more. */
export function v8Flags(): { readonly tracingFlags: string; readonly usualFlags: string } {
  const ours = FLAGS.filter(({ name }) => !isUsers(name));
  return {
    tracingFlags: ours.map(({ off }) => off).join(' '),
    usualFlags: ours.map(({ on }) => on).join(' '),
  };
}
