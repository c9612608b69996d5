// SPDX-License-Identifier: MIT
// Runs a program once, in a fresh directory, and returns everything observable from outside.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const LIMIT = 300_000;
const TICKS_PER_SECOND = 100;

/**
 * @param program see cases/programs.mjs
 * @param place `executable`, `modules`, `directory` (which is emptied), and `env` to add
 */
export async function execute(program, { executable, modules, directory, env }) {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(join(directory, 'home'), { recursive: true });
  const place = { directory, modules, module: (path) => join(modules, path), executable };
  await program.prepare?.(place);
  const before = cpuOfChildren();
  const [command, ...args] = [executable, ...program.command(place)];
  const child = spawn(command, args, {
    cwd: directory,
    env: {
      PATH: `${dirname(executable)}:/usr/bin:/bin`,
      HOME: join(directory, 'home'),
      TZ: 'UTC',
      NO_COLOR: '1',
      ...env,
      ...program.env?.(place),
    },
    stdio: [program.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    timeout: LIMIT,
    killSignal: 'SIGKILL',
  });
  child.stdin?.on('error', () => {}).end(program.stdin);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'])
    child[name].setEncoding('utf8').on('data', (text) => {
      output[name] += text;
    });
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code, signal) => resolve({ code, signal }));
  });
  const answers = program.drive ? await Promise.race([program.drive(child, place), ended]) : null;
  const end = await ended;
  return {
    ...end,
    ...output,
    answers: typeof answers === 'string' ? answers : null,
    files: digestsOf(directory, program.unstable ?? []),
    cpu: cpuOfChildren() - before,
  };
}

// User and system time of all children that ended, and of those that they waited for.
function cpuOfChildren() {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}

function digestsOf(directory, unstable) {
  const lines = [];
  for (const name of readdirSync(directory, { recursive: true }).sort()) {
    const path = join(directory, name);
    if (unstable.some((pattern) => pattern.test(relative(directory, path)))) continue;
    const entry = lstatSync(path);
    if (entry.isFile()) lines.push(`${name} ${sha256(readFileSync(path))}`);
    else lines.push(`${name} ${entry.isSymbolicLink() ? readlinkSync(path) : 'directory'}`);
  }
  return lines.join('\n');
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}
