// SPDX-License-Identifier: MIT
// The text that the inspector evaluates in the process. It depends on nothing there but Node's own
// modules: CommonJS, ES modules, bundles and TypeScript make no difference.
import type { AttachOptions, InjectionAnswer } from '../attached/protocol.js';
import { monotonicNow } from '../host/real-time.js';

interface Given {
  /** The module to load, by absolute path. */
  readonly entry: string;
  readonly options: AttachOptions;
  /** The pid of the process that is meant, as it sees itself. */
  readonly pid: number;
  readonly startTime: string;
  /** After it nothing is done any more, milliseconds of the monotonic clock. */
  readonly deadline: number;
}

// Not at once: the signal makes Node open its inspector in an interrupt, and once more at the next
// turn of the event loop, if it is closed by then.
export const CLOSE_INSPECTOR = `{
  const { setImmediate, setTimeout } = process.getBuiltinModule('node:timers');
  const close = () => process.getBuiltinModule('node:inspector').close();
  setImmediate(() => setTimeout(close, 1));
}`;

/** An expression: a promise of an {@link InjectionAnswer} as JSON. */
export function injection(given: Given): string {
  // The package's own frames are never shown. A blank would end the comment's name.
  return `(${inTarget})(${JSON.stringify(given)})\n//# sourceURL=${encodeURI(given.entry)}`;
}

/** From now, as {@link Given} has it. */
export function deadlineIn(ms: number): number {
  return monotonicNow() + ms;
}

// Only its source text is sent: it sees nothing but its argument.
async function inTarget(given: Given): Promise<string> {
  const work = async (): Promise<InjectionAnswer> => {
    const { process } = globalThis;
    // Node is still preparing the thread: there is no event loop yet.
    if (process?.pid === undefined) return { withdrawn: 'early' };
    const { setImmediate } = process.getBuiltinModule('node:timers');
    let stat = '';
    try {
      stat = process.getBuiltinModule('node:fs').readFileSync('/proc/self/stat', 'latin1');
    } catch {
      // No /proc in its container: then the pid must do.
    }
    const began = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    if (process.pid !== given.pid || (began !== undefined && began !== given.startTime)) {
      return { withdrawn: 'other process' };
    }
    // The inspector may have interrupted the application anywhere.
    await new Promise((turn) => setImmediate(turn));
    const [seconds, nanoseconds] = process.hrtime();
    if (seconds * 1000 + nanoseconds / 1e6 > given.deadline) return { withdrawn: 'late' };
    const load = process.getBuiltinModule('node:module').createRequire(given.entry);
    const { attach } = load(given.entry) as typeof import('../attached/attach.js');
    return { attached: await attach(given.options) };
  };
  try {
    return JSON.stringify(await work());
  } catch (error) {
    return JSON.stringify({ failure: String((error as Error)?.message ?? error) });
  }
}
