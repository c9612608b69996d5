// SPDX-License-Identifier: MIT
// Describes a Node binary's bytecodes: prints their sizes as a row of
// native/layout/bytecode/bytecode_sizes.cc, what they allocate as a row of bytecode_kinds.cc beside
// it, and the number of JumpLoop for native/layout/layout.cc.
//
//   node scripts/bytecode-sizes.mjs <node executable>
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytecodeNames } from './bytecode-names.mjs';

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

// What bytecodes themselves allocate, as the letters of layout/bytecode/bytecode_kinds.h; bytecodes
// in none of these lists get '*'.
const KINDS = [
  ['o', /^CreateObjectLiteral$/],
  ['p', /^CreateEmptyObjectLiteral$/],
  ['q', /^CloneObject$/],
  ['a', /^CreateArrayLiteral$/],
  ['d', /^CreateEmptyArrayLiteral$/],
  ['i', /^CreateArrayFromIterable$/],
  ['r', /^CreateRestParameter$/],
  ['x', /^CreateRegExpLiteral$/],
  ['t', /^GetTemplateObject$/],
  ['f', /^CreateClosure$/],
  ['b', /^CreateBlockContext$/],
  ['h', /^Create(Catch|With)Context$/],
  ['c', /^Create(Function|Eval)Context(WithCells)?$/],
  ['g', /^Create(Mapped|Unmapped)Arguments$/],
  ['s', /^ToString$/],
  ['+', /^Add$|^Add_StringConstant_Internalize$/],
  ['n', /^(Sub|Mul|Div|Mod|Exp|Bitwise(Or|Xor|And|Not)|Shift(Left|Right|RightLogical))(Smi)?$/],
  ['n', /^Test((Less|Greater)Than(OrEqual)?|Equal(Strict)?)$/],
  ['n', /^(AddSmi|Inc|Dec|Negate|ToNumber|ToNumeric)$/],
  ['e', /^(Set|Define)Keyed(Own)?Property(InLiteral)?$/],
  ['l', /^(Get|Set|Define)(Named|Keyed|EnumeratedKeyed)(Own)?Property(FromSuper|InLiteral)?$/],
  ['l', /^(Lda|Sta)(Lookup|Global).*$|^StaInArrayLiteral$|^DeleteProperty.*$/],
  ['v', /^(Lda|Sta)(Current)?(Script)?ContextSlot$/],
  ['-', /^(Wide|ExtraWide|DebugBreak.*|Debugger|Illegal|Abort|IncBlockCounter)$/],
  ['-', /^Lda(Zero|Smi|Undefined|Null|TheHole|True|False|Constant)$/],
  ['-', /^(Lda|Sta)(Immutable)?(Current)?ContextSlotNoCell$|^LdaImmutable(Current)?ContextSlot$/],
  ['-', /^(Ldar|Star\d*|Mov|PushContext|PopContext|Return|SetPendingMessage)$/],
  ['-', /^Test(ReferenceEqual|Undetectable|Null|Undefined|TypeOf)$|^TypeOf$/],
  ['-', /^(ToBoolean|ToBooleanLogicalNot|LogicalNot|GetSuperConstructor)$/],
  ['-', /^Jump.*$|^SwitchOn(SmiNoFeedback|GeneratorState)$|^(Suspend|Resume)Generator$/],
  ['-', /^ForInStep$|^(Lda|Sta)ModuleVariable$/],
];

function kinds(names) {
  return names.map((name) => KINDS.find(([, pattern]) => pattern.test(name))?.[0] ?? '*').join('');
}

const SAMPLE = `function sampled(n) { while (n > 0) n--; return class {}; }
sampled(3);
`;

// The numbers of the bytecode JumpLoop and of the runtime function that makes classes.
function numbers(executable) {
  const directory = mkdtempSync(join(tmpdir(), 'tracemalloc-bytecode-'));
  try {
    const file = join(directory, 'sample.cjs');
    writeFileSync(file, SAMPLE);
    const { stdout } = spawnSync(
      executable,
      ['--print-bytecode', '--print-bytecode-filter=sampled', file],
      { encoding: 'utf8' },
    );
    const jump = /: ([0-9a-f]{2})(?: [0-9a-f]{2})* +JumpLoop/.exec(stdout);
    const call = /: [0-9a-f]{2} ([0-9a-f]{2}) ([0-9a-f]{2}) .*CallRuntime \[DefineClass\]/.exec(
      stdout,
    );
    if (jump === null || call === null) {
      throw new Error('--print-bytecode shows no JumpLoop, or no call of DefineClass');
    }
    return {
      jumpLoop: Number.parseInt(jump[1], 16),
      defineClass: Number.parseInt(call[2] + call[1], 16),
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function printRow(text) {
  console.log(
    text
      .match(/.{1,80}/g)
      .map((line) => `     "${line}"`)
      .join('\n'),
  );
}

const executable = process.argv[2];
const binary = readFileSync(executable);
const sizes = letters(binary);
const { jumpLoop, defineClass } = numbers(executable);
console.log('bytecode_sizes.cc:');
printRow(sizes);
console.log('bytecode_kinds.cc:');
const names = bytecodeNames(binary, sizes.length);
printRow(kinds(names));
console.log(`     ${names.indexOf('CallRuntime')}, ${defineClass}`);
console.log(`layout.cc: .bytecode_jump_loop = ${jumpLoop},`);
