// SPDX-License-Identifier: MIT
// Reads parts of an executable or library: 64-bit ELF, little-endian.
const { closeSync, constants, fstatSync, openSync, readSync } = process.getBuiltinModule('node:fs');

interface Section {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  /** Index of the section with the names of this one's symbols. */
  readonly link: number;
}

const [HEADER_BYTES, SECTION_BYTES, SEGMENT_BYTES, SYMBOL_BYTES] = [64, 64, 56, 24];
const [EXECUTABLE, SHARED, LOADED] = [2, 3, 1];
/** The section of a symbol that is imported. */
const UNDEFINED = 0;
/** A file with more than this is damaged, or made to exhaust memory. */
const MOST_BYTES = 512 * 2 ** 20;
const MACHINES: Readonly<Record<number, string>> = { 62: 'x64', 183: 'arm64' };

export class ElfFile implements Disposable {
  readonly #file: number;
  readonly #sections: readonly Section[];
  /** As `process.arch`; undefined: another one. */
  readonly arch: string | undefined;
  /** The address of its first loaded byte, if it is not loaded elsewhere. */
  readonly firstAddress: bigint;
  /** Whether it is loaded at an address that the kernel chooses. */
  readonly isMovable: boolean;

  /** @throws Error if the file can't be read or is none of these. */
  constructor(path: string) {
    // It may be a pipe, for whose other end nobody should wait.
    this.#file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!fstatSync(this.#file).isFile()) throw new Error('no regular file');
      const header = this.#read(0, HEADER_BYTES);
      const type = header.readUInt16LE(16);
      const isKnown = header.toString('latin1', 0, 6) === '\x7fELF\x02\x01';
      if (!isKnown || ![EXECUTABLE, SHARED].includes(type)) throw new Error('no 64-bit ELF file');
      this.arch = MACHINES[header.readUInt16LE(18)];
      this.isMovable = type === SHARED;
      this.firstAddress = this.#firstAddress(header);
      this.#sections = this.#readSections(header);
    } catch (error) {
      closeSync(this.#file);
      throw error;
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  /** The bytes of the section; empty: there is none. */
  bytesOf(name: string): Buffer {
    const section = this.#sections.find((each) => each.name === name);
    return section === undefined ? Buffer.alloc(0) : this.#read(section.offset, section.size);
  }

  /** Whether others can use that symbol of it: it does not itself import it. */
  exportsSymbol(name: string): boolean {
    const at = this.bytesOf('.dynstr').indexOf(`\0${name}\0`);
    if (at < 0) return false;
    const symbols = this.bytesOf('.dynsym');
    for (let i = 0; i + SYMBOL_BYTES <= symbols.length; i += SYMBOL_BYTES) {
      if (symbols.readUInt32LE(i) === at + 1 && symbols.readUInt16LE(i + 6) !== UNDEFINED)
        return true;
    }
    return false;
  }

  /**
   * The address of a symbol in the full table, which a stripped file lacks. A compiler may add a
   * dot and a number to the name.
   */
  addressOf(name: string): bigint | undefined {
    const table = this.#sections.find((each) => each.name === '.symtab');
    const names = this.#sections[table?.link ?? -1];
    if (table === undefined || names === undefined) return undefined;
    const text = this.#read(names.offset, names.size);
    let at = text.indexOf(`\0${name}`);
    while (
      at >= 0 &&
      !/^(?:\.\d+)?\0/.test(text.toString('latin1', at + 1 + name.length, at + 9 + name.length))
    ) {
      at = text.indexOf(`\0${name}`, at + 1);
    }
    if (at < 0) return undefined;
    const symbols = this.#read(table.offset, table.size);
    for (let i = 0; i + SYMBOL_BYTES <= symbols.length; i += SYMBOL_BYTES) {
      if (symbols.readUInt32LE(i) === at + 1) return symbols.readBigUInt64LE(i + 8);
    }
    return undefined;
  }

  #firstAddress(header: Buffer): bigint {
    const [offset, count] = [Number(header.readBigUInt64LE(32)), header.readUInt16LE(56)];
    const segments = this.#read(offset, count * SEGMENT_BYTES);
    for (let i = 0; i < segments.length; i += SEGMENT_BYTES) {
      if (segments.readUInt32LE(i) === LOADED) return segments.readBigUInt64LE(i + 16);
    }
    throw new Error('an ELF file of which nothing is loaded');
  }

  #readSections(header: Buffer): readonly Section[] {
    const [offset, count] = [Number(header.readBigUInt64LE(40)), header.readUInt16LE(60)];
    const table = this.#read(offset, count * SECTION_BYTES);
    const raw = Array.from({ length: count }, (_, i) => {
      const at = i * SECTION_BYTES;
      return {
        nameAt: table.readUInt32LE(at),
        offset: Number(table.readBigUInt64LE(at + 24)),
        size: Number(table.readBigUInt64LE(at + 32)),
        link: table.readUInt32LE(at + 40),
      };
    });
    const names = raw[header.readUInt16LE(62)];
    const text = names === undefined ? Buffer.alloc(0) : this.#read(names.offset, names.size);
    return raw.map(({ nameAt, ...section }) => ({
      ...section,
      name: text.toString('latin1', nameAt, text.indexOf(0, nameAt)),
    }));
  }

  #read(offset: number, size: number): Buffer {
    if (!(size <= MOST_BYTES)) throw new Error('an ELF file with a damaged table');
    const bytes = Buffer.alloc(size);
    if (readSync(this.#file, bytes, 0, size, offset) !== size) throw new Error('a short ELF file');
    return bytes;
  }
}
