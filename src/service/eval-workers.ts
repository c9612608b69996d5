// SPDX-License-Identifier: MIT
// Makes workers that are created with `eval: true` load tracemalloc/register: Node runs what
// `--require` names in them, but not what `--import` names.
import type { WorkerOptions } from 'node:worker_threads';
import { ownDirectory } from '../files/package-files.js';

/** No-op unless tracemalloc/register may have been preloaded by `--import`. */
export function traceEvalWorkers(): void {
  if (ownDirectory === undefined || !hasImport()) return;
  const { syncBuiltinESMExports } = process.getBuiltinModule('node:module');
  const threads = process.getBuiltinModule('node:worker_threads');
  // A proxy is the same class to everyone: its name, statics, prototype, subclasses, `instanceof`.
  threads.Worker = new Proxy(threads.Worker, {
    construct(target, [source, options, ...rest], newTarget) {
      return Reflect.construct(
        target,
        [tracedSource(source, options), options, ...rest],
        newTarget,
      );
    },
  });
  syncBuiltinESMExports();
}

// Whether `--import` names this package, or a file, which may import it. Other packages, such as
// tsx, don't.
function hasImport(): boolean {
  const args = [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/)];
  return /(?:^|\s)--import[\s=]+(?:\.|\/|file:|\S*\btracemalloc\b)/.test(args.join(' '));
}

function tracedSource(source: unknown, options: WorkerOptions | undefined): unknown {
  // With options of its own, a worker has no preloads but theirs.
  if (typeof source !== 'string' || !options?.eval || options.execArgv !== undefined) return source;
  const entry = JSON.stringify(`${ownDirectory}register.js`);
  const load = `;globalThis.process.getBuiltinModule("node:module").createRequire(${entry})(${entry});`;
  const [beginning] = BEGINNING.exec(source) as RegExpExecArray;
  return beginning + load + source.slice(beginning.length);
}

// What has to stay first: a script is strict only if it begins so, but for comments. All lines stay
// where they are.
const BEGINNING =
  /^(?:#!.*\n)?(?:\s|\/\/.*\n|\/\*[\s\S]*?\*\/)*(?:(["'])use strict\1[ \t]*(?:;|(?=\r?\n\s*(?:[\w$"'{/]|$))))?/;
