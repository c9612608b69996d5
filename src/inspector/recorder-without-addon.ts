// SPDX-License-Identifier: MIT
// The recorder where the addon can't be loaded.
import { TracemallocError } from '../errors.js';
import type { ResolvedOptions } from '../options.js';
import type { Recorder } from '../recorder/recorder.js';
import { InspectorRecorder } from './inspector-recorder.js';

/**
 * @param cause - why the addon can't be loaded.
 * @throws TracemallocError ERR_SAMPLER_IN_USE, or the cause, with what else is missing, if it can't
 *   be done without the addon either.
 */
export function recorderWithoutAddon(options: ResolvedOptions, cause: unknown): Recorder {
  // Not by its class: Jest may have loaded another copy of it meanwhile.
  const { code, message } = cause as TracemallocError;
  if (code !== 'ERR_UNSUPPORTED_PLATFORM') throw cause;
  // Their engines are not V8, or not used as Node uses it.
  if (process.versions['bun'] !== undefined || process.versions['deno'] !== undefined) throw cause;
  if (options.precision === 'line') throw cause;
  if (!options.domains.includes('heap')) {
    throw refusal(`${message}; without it, buffers can't be traced`, cause);
  }
  try {
    return new InspectorRecorder(options, message);
  } catch (error) {
    const { code: failure, message: alsoMissing } = error as TracemallocError;
    if (failure !== 'ERR_UNSUPPORTED_PLATFORM') throw error;
    throw refusal(`${message}; and ${alsoMissing}`, error);
  }
}

function refusal(message: string, cause: unknown): TracemallocError {
  return new TracemallocError('ERR_UNSUPPORTED_PLATFORM', message, { cause });
}
