// SPDX-License-Identifier: MIT
// The origin of a report: application, host and process, to distinguish the reports of several
// processes.
import { readRegularFile } from '../files/named-files.js';

const { realpathSync } = process.getBuiltinModule('node:fs');
const { dirname, join } = process.getBuiltinModule('node:path');

export interface Origin {
  readonly host: string;
  /** `name` and `version` of the nearest package.json above the main script. */
  readonly app?: string;
  readonly appVersion?: string;
}

let origin: Origin | undefined;

/** Read once, from a few small files. */
export function processOrigin(): Origin {
  origin ??= {
    host: process.getBuiltinModule('node:os').hostname(),
    ...application(mainScript()),
  };
  return origin;
}

// PM2 runs a program within a script of its own.
const PM2_CONTAINER = /[\\/]pm2[\\/]lib[\\/]ProcessContainer\w*\.js$/;

function mainScript(): string | undefined {
  const script = process.argv[1];
  return PM2_CONTAINER.test(script ?? '') ? process.env['pm_exec_path'] : script;
}

function application(script: string | undefined): Omit<Origin, 'host'> {
  if (script === undefined) return {};
  try {
    for (let at = realpathSync(script), above = dirname(at); above !== at; ) {
      [at, above] = [above, dirname(above)];
      const { name, version } = readManifest(join(at, 'package.json'));
      if (typeof name !== 'string') continue;
      return { app: name, ...(typeof version === 'string' ? { appVersion: version } : {}) };
    }
  } catch {
    // There is no main script, as with `node -e`, so there is no application to name.
  }
  return {};
}

/** Bytes. */
const LARGEST = 1024 * 1024;

// Anyone may have put a pipe of that name into a directory above, such as /tmp.
function readManifest(path: string): { name?: unknown; version?: unknown } {
  try {
    return JSON.parse(readRegularFile(realpathSync(path), LARGEST) ?? '') ?? {};
  } catch {
    return {};
  }
}
