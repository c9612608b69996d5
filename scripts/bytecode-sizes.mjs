// SPDX-License-Identifier: MIT
// Prints the bytecode sizes of a Node binary as a row of native/v8/bytecode_sizes.cc, with the
// number of its JumpLoop as native/v8/layout.cc wants it.
//
//   node scripts/bytecode-sizes.mjs <node executable>
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// The first letters, which are the same in every version so far: the prefixes and the debugger's
// bytecodes come first.
const HEAD = 'aaaaabcdeopbabaaaaabd';
const FEWEST = 150;
const MOST = 256;

// V8 keeps three tables one after the other, for operands of one, two and four bytes.
const sizeOf = (letter, width) => {
  const code = letter.charCodeAt(0) - 'a'.charCodeAt(0);
  return 1 + Math.floor(code / 6) + (code % 6) * width;
};
const heads = [1, 2, 4].map((width) =>
  Buffer.from([...HEAD].map((letter) => sizeOf(letter, width))),
);

function findTables(binary) {
  for (let at = binary.indexOf(heads[0]); at >= 0; at = binary.indexOf(heads[0], at + 1)) {
    const count = binary.indexOf(heads[1], at) - at;
    if (count < FEWEST || count > MOST) continue;
    if (binary.indexOf(heads[2], at) - at === 2 * count) return { at, count };
  }
  throw new Error(
    'no table of bytecode sizes found: has the order of the first bytecodes changed?',
  );
}

function letters(binary) {
  const { at, count } = findTables(binary);
  let row = '';
  for (let bytecode = 0; bytecode < count; bytecode++) {
    const [single, double, quadruple] = [0, 1, 2].map((n) => binary[at + n * count + bytecode]);
    const widening = double - single;
    const fixed = single - 1 - widening;
    if (widening < 0 || widening > 5 || fixed < 0 || quadruple - double !== 2 * widening) {
      throw new Error(`bytecode ${bytecode} has the sizes ${single}, ${double}, ${quadruple}`);
    }
    row += String.fromCharCode('a'.charCodeAt(0) + 6 * fixed + widening);
  }
  return row;
}

function jumpLoop(executable) {
  const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-bytecode-'));
  try {
    const file = join(directory, 'loop.cjs');
    writeFileSync(file, 'function looping(n) { while (n > 0) n--; }\nlooping(3);\n');
    const { stdout } = spawnSync(
      executable,
      ['--print-bytecode', '--print-bytecode-filter=looping', file],
      { encoding: 'utf8' },
    );
    const bytes = /: ([0-9a-f]{2})(?: [0-9a-f]{2})* +JumpLoop/.exec(stdout);
    if (bytes === null) throw new Error('--print-bytecode shows no JumpLoop');
    return Number.parseInt(bytes[1], 16);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const executable = process.argv[2];
console.log(
  letters(readFileSync(executable))
    .match(/.{1,80}/g)
    .map((line) => `     "${line}"`)
    .join('\n'),
);
console.log(`.bytecode_jump_loop = ${jumpLoop(executable)},`);
