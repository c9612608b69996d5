// SPDX-License-Identifier: MIT
// What a process's own command line and NODE_OPTIONS say about its inspector.
import { beganWith, commandLine } from '../processes/process-state.js';

export interface InspectorOptions {
  /** Where Node would open its inspector: `127.0.0.1` unless the options name another address. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Whether it was opened when the process began, as far as the options say. */
  readonly isOpen: boolean;
  /** With --disable-sigusr1 Node does not listen for the signal. */
  readonly disablesSignal: boolean;
  /** Whether the inspector's URL can be read at its port; without it nobody can connect. */
  readonly isListed: boolean;
  /** Whether a file, which is not read here, may say otherwise. */
  readonly hasFile: boolean;
}

const STANDARD_PORT = 9229;
const INSPECTOR = /^(?:inspect(?:-brk|-wait|-port)?|debug-port)$/;
/** Options that name a file with further options, or with NODE_OPTIONS. */
const FILE = /^(?:env-file(?:-if-exists)?|experimental-(?:default-)?config-file)$/;

export function inspectorOptionsOf(pid: number): InspectorOptions {
  const fromVariable = wordsOf(beganWith(pid, 'NODE_OPTIONS') ?? '');
  const [, ...own] = commandLine(pid);
  // The application's own arguments are read, too: at worst the wrong port is asked first.
  return readInspectorOptions([...fromVariable, ...own]);
}

/** Whether its arguments can be read: an application that sets its title overwrites them. */
export function hasArguments(pid: number): boolean {
  const [, ...own] = commandLine(pid);
  return own.some((arg) => arg !== '');
}

/** Pure. The words of NODE_OPTIONS: blanks separate them, but not within double quotes. */
export function wordsOf(text: string): readonly string[] {
  const words = text.match(/(?:"(?:\\.|[^"\\])*"|[^ "])+/gs) ?? [];
  return words.map((word) =>
    word.replace(/"((?:\\.|[^"\\])*)"/gs, (_, quoted: string) => quoted.replace(/\\(.)/gs, '$1')),
  );
}

/** Pure. */
export function readInspectorOptions(args: readonly string[]): InspectorOptions {
  let [host, port, isOpen, disablesSignal] = ['127.0.0.1', STANDARD_PORT, false, false];
  let [isListed, hasFile] = [true, false];
  args.forEach((arg, i) => {
    const [, written = '', given] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    // Node takes both.
    const name = written.replaceAll('_', '-');
    if (name === 'disable-sigusr1') disablesSignal = true;
    if (FILE.test(name)) hasFile = true;
    if (name === 'inspect-publish-uid')
      isListed = (given ?? args[i + 1] ?? '').split(',').includes('http');
    if (!INSPECTOR.test(name)) return;
    const isPort = name.endsWith('-port');
    if (!isPort) isOpen = true;
    const value = given ?? (isPort ? args[i + 1] : undefined) ?? '';
    const [, address, digits] = /^(?:(.*):)?(\d+)$/.exec(value) ?? [undefined, value, undefined];
    if (address) host = address.replace(/^\[(.*)\]$/, '$1');
    if (digits !== undefined) port = Number(digits);
  });
  return { host, port, isOpen, disablesSignal, isListed, hasFile };
}
