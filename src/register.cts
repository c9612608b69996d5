// SPDX-License-Identifier: MIT
// The module with side effects on import, for --require, --import, NODE_OPTIONS, or a service's
// first line. It checks whether tracing is wanted before it loads anything; if not, it costs
// nothing. If a program has replaced globals that this module needs, it only loses the tracing. This
// is CommonJS with a literal path, so that it loads synchronously, before the service's own code, and
// bundlers see it.
try {
  applyLater();
  const wanted = process.env['TRACEMALLOC']?.trim();
  if (wanted && wanted !== '0' && !isLauncher()) {
    const { failure } = require('./service/begin.js');
    if (failure !== undefined) throw failure;
  }
} catch (error) {
  warn(`tracemalloc: not tracing: ${reasonOf(error)}`);
}

function isLauncher(): boolean {
  // A program whose own command line names this module is meant; NODE_OPTIONS reaches all programs.
  if (process.execArgv.some((arg) => /\btracemalloc\b.*\bregister\b/.test(arg))) return false;
  return require('./service/launchers.js').isLauncher(process.argv[1]);
}

// PM2's cluster mode sets a program's variables, and the name of its script, only after the
// preloaded modules have run.
function applyLater(): void {
  const { pm2_env: later } = process.env;
  if (later === undefined) return;
  try {
    for (const [name, value] of Object.entries(JSON.parse(later))) {
      // The environment of PM2's daemon does not count then.
      if (name.startsWith('TRACEMALLOC') || name === 'pm_exec_path') {
        process.env[name] = String(value);
      }
    }
  } catch {
    // Another program's variable of that name.
  }
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
