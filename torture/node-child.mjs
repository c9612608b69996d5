// SPDX-License-Identifier: MIT
// Runs Node in a separate process, so that crashes and hangs stay there.
import { spawn } from 'node:child_process';

const KEPT = 16_384;

/**
 * Returns `{ code, signal, hung, stdout, stderr }`, with the last part of each text; `hung`: killed
 * after `limit` milliseconds.
 */
export function runNode(executable, args, { limit = 120_000, env = {}, ...options } = {}) {
  const child = spawn(executable, args, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'])
    child[name]?.setEncoding('utf8').on('data', (text) => {
      output[name] = (output[name] + text).slice(-KEPT);
    });
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    child.kill('SIGKILL');
  }, limit);
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, hung, ...output });
    });
  });
}

/** How a process ended, in words. */
export function endOf({ code, signal, hung }) {
  return hung ? 'hung' : (signal ?? `exit code ${code}`);
}
