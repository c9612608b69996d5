// SPDX-License-Identifier: MIT
// The module with side effects on import, for --require, --import, NODE_OPTIONS, or a service's
// first line. It checks whether tracing is wanted before it loads anything; if not, it costs
// nothing. If a program has replaced globals that this module needs, it only loses the tracing.
try {
  const wanted = process.env['TRACEMALLOC']?.trim();
  // Not import(), which would let the service's own code run first.
  if (wanted && wanted !== '0') {
    const { createRequire } = process.getBuiltinModule('node:module');
    const { failure } = createRequire(import.meta.url)('./service/begin.js');
    if (failure !== undefined) throw failure;
  }
} catch (error) {
  warn(`tracemalloc: not tracing: ${reasonOf(error)}`);
}

function reasonOf(error: unknown): string {
  try {
    return `${(error as Error).message}`;
  } catch {
    return 'it could not be started';
  }
}

// Without any of Node's modules.
function warn(line: string): void {
  try {
    (process as unknown as { _rawDebug(format: string, text: string): void })._rawDebug('%s', line);
  } catch {
    try {
      console.error(line);
    } catch {
      // The warning can't be written.
    }
  }
}
