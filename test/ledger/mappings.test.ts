// SPDX-License-Identifier: MIT
// Mappings as kernels printed them (Debian, x64), sorted into kinds.
import { expect, test } from 'vitest';
import { kindsOf, parseMappings } from '../../src/ledger/mappings.js';

/** Kinds by start address. */
function kindsIn(text: string): Record<string, string> {
  const kinds = kindsOf(parseMappings(text));
  return Object.fromEntries([...kinds].map(([{ start }, kind]) => [start.toString(16), kind]));
}

// A worker, 50 MiB in one Buffer above its stack, a resizable ArrayBuffer below a WebAssembly memory.
const NODE_22 = `00400000-00e37000 r--p 00000000 fe:00 16048205                           /opt/my node/bin/node
06b15000-06b3e000 rw-p 06714000 fe:00 16048205                           /opt/my node/bin/node
06b3e000-06b76000 rw-p 00000000 00:00 0 
2c712000-2c8f8000 rw-p 00000000 00:00 0                                  [heap]
6787780000-67877c0000 rw-p 00000000 00:00 0 
2094d2900000-2094d291b000 r--p 00000000 00:00 0 
2cd5e54c0000-2cd5e56b9000 rw-p 00000000 00:00 0 
7f7ba8000000-7f7ba8002000 rw-p 00000000 00:00 0 
7f7ba8002000-7f7ba8003000 ---p 00000000 00:00 0 
7f7ba8003000-7f7ba803f000 rwxp 00000000 00:00 0 
7f7ba803f000-7f7bc7e00000 ---p 00000000 00:00 0 
7f7bc7e00000-7f7bc7fe0000 r-xp 01952000 fe:00 16048205                   /opt/my node/bin/node
7f7bc7fe0000-7f7bc8000000 ---p 00000000 00:00 0 
7f7bc8000000-7f7bc8042000 rw-p 00000000 00:00 0 
7f7bc8042000-7f7bcc000000 ---p 00000000 00:00 0 
7f7bcc000000-7f7bcc225000 rw-p 00000000 00:00 0 
7f7bcc225000-7f7bd0000000 ---p 00000000 00:00 0 
7f7bdebfe000-7f7bdebff000 ---p 00000000 00:00 0 
7f7bdebff000-7f7bdefff000 rw-p 00000000 00:00 0 
7f7bdefff000-7f7be2200000 rw-p 00000000 00:00 0 
7f7be2200000-7f7be2700000 rw-p 00000000 00:00 0 
7f7be2700000-7f7c64000000 ---p 00000000 00:00 0 
7f7c64000000-7f7c65400000 rw-p 00000000 00:00 0 
7f7c65400000-7f7e64000000 ---p 00000000 00:00 0 
7f7e88019000-7f7e8801a000 ---p 00000000 00:00 0 
7f7e8801a000-7f7e8881a000 rw-p 00000000 00:00 0 
7f7e8881a000-7f7e8881b000 ---p 00000000 00:00 0 
7f7e8881b000-7f7e8901b000 rw-p 00000000 00:00 0 
7f7e8ac43000-7f7e8ac47000 rw-s 10000000 00:10 914597                     anon_inode:[io_uring]
7f7e8ae1b000-7f7e8ae1f000 r--p 00000000 00:00 0                          [vvar]
7f7e8ae1f000-7f7e8ae21000 r--p 00000000 00:00 0                          [vvar_vclock]
7f7e8ae21000-7f7e8ae23000 r-xp 00000000 00:00 0                          [vdso]
7ffc53917000-7ffc53938000 rw-p 00000000 00:00 0                          [stack]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`;

test('Node 22 with a worker', () => {
  expect(kindsIn(NODE_22)).toEqual({
    '6b3e000': 'other',
    '2c712000': 'arena',
    '6787780000': 'v8',
    '2094d2900000': 'v8',
    '2cd5e54c0000': 'v8',
    '7f7ba8000000': 'other',
    '7f7ba8003000': 'code',
    '7f7bc8000000': 'arena',
    '7f7bcc000000': 'arena',
    '7f7bdebff000': 'stack',
    '7f7bdefff000': 'other',
    '7f7be2200000': 'other',
    '7f7c64000000': 'wasm',
    '7f7e8801a000': 'stack',
    '7f7e8881b000': 'stack',
    '7ffc53917000': 'stack',
  });
});

const NODE_26 = `2e28e000-2e4bc000 rw-p 00000000 00:00 0                                  [heap]
fe15880000-fe15890000 r--p 00000000 00:00 0 
fe15890000-fe158a0000 ---p 00000000 00:00 0 
fe158a0000-fe158b0000 r--p 00000000 00:00 0 
fe158b0000-fe158c0000 ---p 00000000 00:00 0 
3f2bbb300000-3f2bbb340000 rw-p 00000000 00:00 0 
7fa1f8000000-7fa1f8209000 rw-p 00000000 00:00 0 
7fa1f8209000-7fa1fc000000 ---p 00000000 00:00 0 
7fa1fc000000-7fa1fc021000 rw-p 00000000 00:00 0 
7fa1fc021000-7fa200000000 ---p 00000000 00:00 0 
7fa200020000-7fa210000000 ---p 00000000 00:00 0 
7fa210000000-7fa22fdc0000 rwxp 00000000 00:00 0 
7fa22fdc0000-7fa22ffd5000 r-xp 01627000 fe:00 16065095                   /opt/node/bin/node
7fa22ffd5000-7fa230000000 rwxp 00000000 00:00 0 
7fa242ff0000-7fa2443f0000 rw-p 00000000 00:00 0 
7fa2443f0000-7fa442ff0000 ---p 00000000 00:00 0 
`;

test('Node 26', () => {
  expect(kindsIn(NODE_26)).toEqual({
    '2e28e000': 'arena',
    fe15880000: 'v8',
    fe158a0000: 'v8',
    '3f2bbb300000': 'v8',
    '7fa1f8000000': 'arena',
    '7fa1fc000000': 'arena',
    '7fa210000000': 'code',
    '7fa22ffd5000': 'code',
    '7fa242ff0000': 'wasm',
  });
});

test('a whole arena, and one that has become one mapping with its neighbour', () => {
  expect(
    kindsIn(`7fa1f4000000-7fa1f8000000 rw-p 00000000 00:00 0 
7fa1fc000000-7fa204021000 rw-p 00000000 00:00 0 
7fa204021000-7fa208000000 ---p 00000000 00:00 0 `),
  ).toEqual({ '7fa1f4000000': 'arena', '7fa1fc000000': 'arena' });
});

test('names, files and addresses', () => {
  const mappings = parseMappings(NODE_22);
  expect(mappings).toHaveLength(34);
  expect(mappings[0]).toEqual({
    start: 0x400000,
    end: 0xe37000,
    access: 'r--p',
    name: '/opt/my node/bin/node',
    isFile: true,
  });
  expect(mappings[3]).toMatchObject({ name: '[heap]', isFile: false });
  expect(mappings[4]).toMatchObject({ name: '', isFile: false });
});
