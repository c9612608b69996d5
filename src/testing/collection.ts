// SPDX-License-Identifier: MIT
// Complete garbage collections for tests, without `--expose-gc` and whatever timers a test has
// replaced.

/** Returns the function that collects all garbage of this thread. */
function makeCollector(): () => void {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  const { runInNewContext } = process.getBuiltinModule('node:vm');
  const exposed = () => runInNewContext("typeof gc === 'function' ? gc : undefined");
  const usual = exposed(); // with --expose-gc
  if (usual !== undefined) return usual;
  setFlagsFromString('--expose-gc');
  try {
    return exposed();
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}

let collector: (() => void) | undefined;

/** To be called before tracing starts: what is made here would be traced. */
export function prepareCollection(): void {
  collector ??= makeCollector();
}

/**
 * Forgets what Node keeps of each `fetch()`, up to 250 of them, for `performance.getEntries()`: it
 * would grow. Observers have got it already.
 */
function clearResourceTimings(): void {
  const { performance } = process.getBuiltinModule('node:perf_hooks');
  // Fake clocks replace methods by methods that do nothing.
  Object.getPrototypeOf(performance).clearResourceTimings.call(performance);
}

/**
 * Collects all garbage, after a turn of the event loop, since a WeakRef holds its target until the
 * present job ends. What a FinalizationRegistry then releases is collected the next time.
 */
export async function collectAll(): Promise<void> {
  await turn();
  clearResourceTimings();
  prepareCollection();
  collector?.();
}

// A message, since fake timers replace all that `node:timers` has.
function turn(): Promise<void> {
  const { MessageChannel } = process.getBuiltinModule('node:worker_threads');
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.once('message', () => {
      port1.close();
      resolve();
    });
    port2.postMessage(undefined);
  });
}
