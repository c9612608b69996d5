// SPDX-License-Identifier: MIT
// The names of a Node binary's bytecodes, in V8's order, from V8's own table of names: it has
// pointers to names, or to code that loads one (`mov eax, imm32`).

const FIRST = ['Wide', 'ExtraWide', 'DebugBreakWide', 'DebugBreakExtraWide'];
const MOV_EAX = 0xb8;

/** Reads them from the executable's bytes; throws where there is no such table. */
export function bytecodeNames(binary, count) {
  const segments = loadedSegments(binary);
  // A separate string: the linker merges names that are the end of others.
  const anchor = FIRST.length - 1;
  const text = Buffer.from(`${FIRST[anchor]}\0`);
  for (const at of everywhere(binary, text)) {
    const name = segments.address(at);
    if (name === undefined) continue;
    for (const target of [name, ...loadsOf(binary, segments, name)]) {
      for (const slot of everywhere(binary, pointer(target))) {
        const names = readTable(binary, segments, slot - 8 * anchor, count);
        if (names !== undefined) return names;
      }
    }
  }
  throw new Error('no table of bytecode names found: have the first bytecodes changed?');
}

function* everywhere(binary, bytes) {
  for (let at = binary.indexOf(bytes); at >= 0; at = binary.indexOf(bytes, at + 1)) yield at;
}

function pointer(address) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(address));
  return bytes;
}

function* loadsOf(binary, segments, name) {
  const load = Buffer.alloc(5);
  load[0] = MOV_EAX;
  load.writeUInt32LE(name, 1);
  for (const at of everywhere(binary, load)) {
    const address = segments.address(at);
    if (address !== undefined) yield address;
  }
}

function readTable(binary, segments, begin, count) {
  if (begin < 0) return undefined;
  const names = [];
  for (let i = 0; i < count; i++) {
    let at = segments.offset(Number(binary.readBigUInt64LE(begin + 8 * i)));
    if (at !== undefined && binary[at] === MOV_EAX) {
      at = segments.offset(binary.readUInt32LE(at + 1));
    }
    if (at === undefined) return undefined;
    const name = binary.toString('latin1', at, binary.indexOf(0, at));
    if (i < FIRST.length && name !== FIRST[i]) return undefined;
    names.push(name);
  }
  return names;
}

// Which parts of the file are mapped where, from the ELF program headers.
function loadedSegments(binary) {
  const LOAD = 1;
  const first = Number(binary.readBigUInt64LE(32));
  const segments = [];
  for (let i = 0; i < binary.readUInt16LE(56); i++) {
    const at = first + 56 * i;
    if (binary.readUInt32LE(at) !== LOAD) continue;
    const [offset, address, size] = [8, 16, 32].map((n) => Number(binary.readBigUInt64LE(at + n)));
    segments.push({ offset, address, size });
  }
  const moved = (value, from, to) => {
    const segment = segments.find((s) => value >= s[from] && value < s[from] + s.size);
    return segment && value - segment[from] + segment[to];
  };
  return {
    address: (offset) => moved(offset, 'offset', 'address'),
    offset: (address) => moved(address, 'address', 'offset'),
  };
}
