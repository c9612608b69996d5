// SPDX-License-Identifier: MIT
// Whether a process may be attached to, decided before anything is done to it: SIGUSR1 ends a process
// that does not expect it.
import { prebuildForNode } from '../addon/prebuilds.js';
import { readRegularFile } from '../files/named-files.js';
import { binaryFile, ownDirectory, packageVersion } from '../files/package-files.js';
import { isLoopbackName } from '../host/loopback.js';
import { type NodeProgram, nodeProgramOf } from '../processes/node-program.js';
import {
  commandLine,
  isEnding,
  linkOf,
  type ProcessState,
  readProcess,
  seenBy,
  sharesNamespace,
} from '../processes/process-state.js';
import { applicationListens, SIGUSR1_BIT } from '../processes/signal-listener.js';
import { listeningOf } from '../processes/sockets.js';
import { helperEnvironment, netOf } from './connection.js';
import { hasArguments, type InspectorOptions, inspectorOptionsOf } from './node-options.js';
import { AttachRefusal } from './refusal.js';

const { spawnSync } = process.getBuiltinModule('node:child_process');
const { accessSync, constants, existsSync, statSync } = process.getBuiltinModule('node:fs');

/** The most that is read of a package.json. */
const MOST_BYTES = 1024 * 1024;

export interface Target extends ProcessState {
  /** The path of its executable. */
  readonly exe: string | undefined;
  readonly program: NodeProgram;
  readonly inspector: InspectorOptions;
  /** The inspector is open already, as far as its options and sockets say. */
  readonly isOpen: boolean;
  /** What can't be found out, and the user must decide, a sentence each; empty: all is known. */
  readonly doubts: readonly string[];
}

/**
 * Reads /proc, and enters the process's network namespace if it is another one.
 *
 * @param packageRoot - where the process sees the package.
 * @throws AttachRefusal
 */
export function targetOf(pid: number, packageRoot: string): Target {
  if (process.platform !== 'linux') throw new AttachRefusal('attach works on Linux only');
  const state = readProcess(pid);
  if (state === undefined) throw new AttachRefusal(`there is no process ${pid}`);
  requireOurs(state);
  const program = requireNode(pid);
  requireTraceable(pid, program);
  requirePackage(state, packageRoot);
  requireReachable(pid);
  const inspector = inspectorOptionsOf(pid);
  requireUsable(pid, inspector);
  const isThere = ({ port }: { port: number }) =>
    inspector.port === 0 ? inspector.isOpen : port === inspector.port;
  const isOpen = listeningOf(pid).some(isThere);
  const doubts = isOpen ? [] : [...placeDoubts(pid, inspector), ...signalDoubts(state, program)];
  if (!isOpen) requireSignal(state, program, inspector);
  return { ...state, exe: linkOf(pid, 'exe'), program, inspector, isOpen, doubts };
}

/**
 * To be called immediately before the signal: the target may have changed while the user was asked.
 *
 * @throws AttachRefusal
 */
export function requireUnchanged({ pid, startTime, exe, program, inspector }: Target): void {
  const now = readProcess(pid);
  if (now?.startTime !== startTime) throw new AttachRefusal(`process ${pid} has ended`);
  requireOurs(now);
  if (linkOf(pid, 'exe') !== exe) {
    throw new AttachRefusal(`process ${pid} has become another program meanwhile`);
  }
  requireSignal(now, program, inspector);
}

function requireOurs(state: ProcessState): void {
  const { pid, uid } = state;
  const own = process.getuid?.();
  if (pid === process.pid) throw new AttachRefusal(`process ${pid} is this command itself`);
  if (own !== 0 && uid !== own) {
    throw new AttachRefusal(
      `process ${pid} is of user ${uid}, this is user ${own}; run the command as that user`,
    );
  }
  if (isEnding(state)) throw new AttachRefusal(`process ${pid} has ended (a zombie)`);
  if (state.state === 'T' || state.state === 't') {
    throw new AttachRefusal(`process ${pid} is stopped; continue it first (kill -CONT ${pid})`);
  }
  if (linkOf(pid, 'exe') === undefined) {
    throw new AttachRefusal(
      `the kernel does not let user ${own} look into process ${pid}: it is part of the kernel, or has other rights; run the command as root`,
    );
  }
}

function requireNode(pid: number): NodeProgram {
  const program = nodeProgramOf(pid);
  if (program !== undefined) return program;
  const [name = ''] = commandLine(pid);
  throw new AttachRefusal(
    `process ${pid} is not Node.js: its executable ${linkOf(pid, 'exe')} (${name.slice(0, 100)}) lacks Node's symbols`,
  );
}

function requireTraceable(pid: number, { version, arch, isMusl }: NodeProgram): void {
  if (version === undefined)
    throw new AttachRefusal(`the version of Node in process ${pid} can't be found out`);
  const what = `process ${pid} is Node ${version} on ${arch ?? 'another architecture'}`;
  if (isMusl) throw new AttachRefusal(`${what} with musl (Alpine); only glibc is supported`);
  const prebuild = prebuildForNode({ version, platform: process.platform, arch: arch ?? '' });
  if (prebuild === undefined) {
    throw new AttachRefusal(
      `${what}, which can't be traced; supported are Node 20.19, 22.12, 24, 25 (x64) and 26, and later ones of each`,
    );
  }
  if (!existsSync(binaryFile(prebuild))) {
    throw new AttachRefusal(`${what}, for which this package has no binary (${prebuild})`);
  }
}

// The process loads the package itself, by the path at which it sees it, with the rights of its user.
function requirePackage({ pid, uid }: ProcessState, root: string): void {
  const remedy = `copy it in, and name the copy: npm install --prefix /proc/${pid}/root/opt/tracemalloc tracemalloc@${packageVersion} && tracemalloc attach ${pid} --package /opt/tracemalloc/node_modules/tracemalloc`;
  const manifest = manifestAt(seenBy(pid, `${root}/package.json`));
  if (manifest === undefined) {
    throw new AttachRefusal(`process ${pid} does not see this package at ${root}; ${remedy}`);
  }
  const { name, version } = manifest;
  if (name !== 'tracemalloc' || version !== packageVersion) {
    throw new AttachRefusal(
      `process ${pid} sees another package at ${root} (${name} ${version}, this is tracemalloc ${packageVersion}); ${remedy}`,
    );
  }
  if (uid !== process.getuid?.() && !isReadableForAll(seenBy(pid, root))) {
    throw new AttachRefusal(
      `user ${uid}, of process ${pid}, may not read this package at ${root}; ${remedy}`,
    );
  }
}

function manifestAt(path: string): { name?: unknown; version?: unknown } | undefined {
  try {
    return Object(JSON.parse(readRegularFile(path, MOST_BYTES) ?? ''));
  } catch {
    return undefined;
  }
}

function isReadableForAll(directory: string): boolean {
  const parts = directory.split('/').slice(4); // /proc/PID/root is what all share
  const above = parts.map((_, i) =>
    directory
      .split('/')
      .slice(0, 5 + i)
      .join('/'),
  );
  return above.every((path) => (statSync(path).mode & constants.S_IXOTH) !== 0);
}

function requireReachable(pid: number): void {
  if (sharesNamespace(pid, 'net')) return;
  // Otherwise its inspector would open, and could not be closed.
  const { status } = spawnSync('nsenter', [...netOf(pid), 'true'], {
    stdio: 'ignore',
    env: helperEnvironment(),
  });
  if (status === 0) return;
  throw new AttachRefusal(
    `process ${pid} is in another network namespace, which this command can't enter with nsenter; run it there, or as root`,
  );
}

function requireUsable(pid: number, { host, isListed }: InspectorOptions): void {
  if (!isLoopbackName(host)) {
    throw new AttachRefusal(
      `its options put the inspector on ${host}, where other machines could reach it`,
    );
  }
  if (!isListed) {
    throw new AttachRefusal(
      `process ${pid} runs with --inspect-publish-uid without http, so only its stderr would say how to reach the inspector`,
    );
  }
}

function placeDoubts(pid: number, { hasFile }: InspectorOptions): string[] {
  const consequence = 'if it is not loopback, other machines can reach it for a moment';
  if (hasFile) {
    return [
      `process ${pid} takes options from a file, which may say where its inspector opens; ${consequence}`,
    ];
  }
  if (!hasArguments(pid)) {
    return [
      `process ${pid} has overwritten its arguments, which may have said where its inspector opens; ${consequence}`,
    ];
  }
  return [];
}

function signalDoubts({ pid }: ProcessState, program: NodeProgram): string[] {
  if (applicationListens(pid, program) !== 'unknown') return [];
  return [
    `whether the application in process ${pid} listens for SIGUSR1 itself can't be known here; if it does, its listener runs`,
  ];
}

/** @throws AttachRefusal if it is certain that Node would not handle the signal. */
function requireSignal(
  state: ProcessState,
  program: NodeProgram,
  { disablesSignal }: InspectorOptions,
): void {
  const { pid } = state;
  if (disablesSignal) {
    throw new AttachRefusal(
      `process ${pid} runs with --disable-sigusr1, so Node opens no inspector when asked`,
    );
  }
  if ((state.caught & SIGUSR1_BIT) === 0n) {
    throw new AttachRefusal(
      `process ${pid} does not listen for SIGUSR1, which would end it: it is just starting, or an application's listener was removed`,
      { isPassing: true },
    );
  }
  if ((state.blocked & SIGUSR1_BIT) !== 0n) {
    throw new AttachRefusal(
      `process ${pid} has SIGUSR1 blocked: it is just starting, or is starting another process`,
      {
        isPassing: true,
      },
    );
  }
  if (applicationListens(pid, program) === true) {
    throw new AttachRefusal(
      `the application in process ${pid} listens for SIGUSR1 itself, so the signal would run its listener and open no inspector`,
    );
  }
}

/** The root of this command's own package. */
export function ownRoot(): string {
  if (ownDirectory === undefined) throw new AttachRefusal('attach needs the installed package');
  const root = ownDirectory.replace(/\/dist\/$/, '');
  accessSync(root, constants.R_OK);
  return root;
}
