#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// The command line. Exit codes: 0 done, 1 failed, 2 wrong usage, others by command.
import { attach } from './cli/attach.js';
import { type Command, parseCommand, UsageError } from './cli/command.js';
import { convert } from './cli/convert.js';
import { detach } from './cli/detach.js';
import { diff } from './cli/diff.js';
import { doctor } from './cli/doctor.js';
import { helpFor, overview } from './cli/help.js';
import { live } from './cli/live.js';
import { mcp } from './cli/mcp.js';
import { print } from './cli/output.js';
import { ps } from './cli/ps.js';
import { report } from './cli/report.js';
import { run } from './cli/run.js';
import { top } from './cli/top.js';
import { why } from './cli/why.js';
import { packageVersion } from './files/package-files.js';
import { plain } from './text/plain-text.js';

const COMMANDS: readonly Command[] = [
  attach,
  detach,
  ps,
  run,
  top,
  diff,
  report,
  convert,
  live,
  why,
  mcp,
  doctor,
];

main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});

async function main([name = '', ...argv]: readonly string[]): Promise<number> {
  const command = COMMANDS.find((known) => known.name === name);
  try {
    if (command !== undefined) return await runCommand(command, argv);
    if (['--version', '-v'].includes(name)) await print(`${packageVersion}\n`);
    else if (['--help', '-h', 'help', ''].includes(name)) await help(argv[0]);
    else throw new UsageError(`there is no command ${name}; tracemalloc --help lists them`);
    return name === '' ? 2 : 0;
  } catch (error) {
    if (error instanceof UsageError) {
      const more = command === undefined ? '' : ` (tracemalloc ${command.name} --help)`;
      complain(`${error.message}${more}`);
      return 2;
    }
    complain(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

async function runCommand(command: Command, argv: readonly string[]): Promise<number> {
  const isHelp = command.stopsAtOperand
    ? ['--help', '-h'].includes(argv[0] ?? '')
    : argv.includes('--help') || argv.includes('-h');
  if (isHelp) {
    await print(`${helpFor(command)}\n`);
    return 0;
  }
  const { values, operands } = parseCommand(command, argv);
  return command.run(values, operands);
}

async function help(name: string | undefined): Promise<void> {
  const command = COMMANDS.find((known) => known.name === name);
  const text = command === undefined ? overview(COMMANDS, packageVersion) : helpFor(command);
  await print(`${text}\n`);
}

function complain(reason: string): void {
  process.stderr.write(`tracemalloc: ${plain(reason.replaceAll(/\s*\n\s*/g, ' '))}\n`);
}
