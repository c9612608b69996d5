// SPDX-License-Identifier: MIT
// The native memory of a stream of node:zlib, computed from the stream's options as the libraries
// within Node allocate it (test/buffers/stream-sizes.test.ts compares it with what is reported to
// V8). If it depends on the data, too, it is a lower bound.

/** Bytes after `written` bytes of input; `inflates` is not known when the stream is made. */
export type SizeLaw = (written: number, inflates: boolean) => number;

/** `idle`: bytes that any such stream holds before its first write. */
export type SizeLawOf = (initArguments: readonly unknown[], idle: number) => SizeLaw;

// All bits set: an unset value in the arrays of parameters.
const UNSET = 0xffffffff;

/** For deflate, inflate, gzip and the like, which allocate at the first write. */
export const zlibSize: SizeLawOf = ([windowBits, , memLevel]) => {
  const [deflating, inflating] = [
    deflateSize(Number(windowBits), Number(memLevel)),
    inflateSize(Number(windowBits)),
  ];
  // Only an inflating stream may take the window size from the data.
  const mayDeflate = windowBits !== 0;
  return (written, inflates) =>
    written === 0 ? 0 : mayDeflate && !inflates ? deflating : inflating;
};

// The window twice; its chains, as large; the hash table; pending symbols; the state.
function deflateSize(windowBits: number, memLevel: number): number {
  const window = 2 << Math.max(windowBits, 9);
  const hashes = 2 << Math.max(memLevel + 7, 15);
  return 2 * window + hashes + (5 << (memLevel + 6)) + 6144;
}

// 0: the window size that the data asks for, which in practice is the largest.
function inflateSize(windowBits: number): number {
  return (1 << (windowBits || 15)) + 9128;
}

const BROTLI = { quality: 1, windowBits: 2, blockBits: 3 };

/**
 * Input is first copied. With the first complete block, ring buffer, hash table and the memory for
 * a block are allocated. This also happens at a flush, or partly with a second small write, which
 * can't be seen here.
 */
export const brotliEncoderSize: SizeLawOf = ([parameters], idle) => {
  const given = (index: number, otherwise: number) => parameterOf(parameters, index) ?? otherwise;
  const quality = Math.min(given(BROTLI.quality, 11), 11);
  const windowBits = given(BROTLI.windowBits, 22);
  // The two fastest have no ring buffer, but tables that grow with the input to twice this and
  // more.
  if (quality < 2) return (written) => idle + Math.min(written, 1 << 17);
  const usual = quality < 4 ? 14 : quality < 9 || windowBits <= 16 ? 16 : Math.min(18, windowBits);
  const blockBits = given(BROTLI.blockBits, 0) || usual;
  const block = 2 ** blockBits;
  const ring = 2 ** (1 + Math.max(windowBits, blockBits)) + block;
  const whole = idle + ring + 12 * block + brotliHashes(quality, windowBits);
  return (written) => (written < block ? idle + written : whole);
};

function brotliHashes(quality: number, windowBits: number): number {
  if (quality >= 10) return 2 ** 19 + 2 ** (windowBits + 3);
  if (quality < 5) return quality < 4 ? 2 ** 18 : 2 ** 19;
  if (windowBits <= 16) return quality < 9 ? 2 ** 19 : 5 * 2 ** 18;
  return 2 ** (quality + (quality < 7 ? 15 : 16));
}

// The window grows with the output of a block, which is not known.
const BROTLI_TABLES = 13_934;

export const brotliDecoderSize: SizeLawOf = (_, idle) => (written) =>
  written === 0 ? idle : idle + BROTLI_TABLES;

// By level from 1; then for faster (negative) levels.
const ZSTD_SIZES = [
  1_369_665, 2_090_561, 3_663_425, 4_974_145, 5_498_433, 5_498_433, 8_119_873, 8_119_873,
  15_459_905, 25_945_665, 25_945_665, 46_917_185, 38_528_577, 55_305_793, 72_083_009, 38_677_825,
  59_649_345, 60_293_823, 93_848_255, 202_900_159, 404_226_751, 874_070_719,
];
const ZSTD_FASTER = 1_336_897;
const ZSTD = { level: 100, firstFlag: 200, lastFlag: 202 };

/** By level, allocated at the first write; with other parameters only `idle` is known. */
export const zstdCompressSize: SizeLawOf = ([parameters, pledged], idle) => {
  const isSelfTuning =
    pledged !== undefined ||
    (parameters as Uint32Array).some(
      (value, index) =>
        value !== UNSET &&
        index !== ZSTD.level &&
        (index < ZSTD.firstFlag || index > ZSTD.lastFlag),
    );
  if (isSelfTuning) return () => idle;
  const level = (parameterOf(parameters, ZSTD.level) ?? 0) | 0 || 3;
  const used = level < 0 ? ZSTD_FASTER : (ZSTD_SIZES[Math.min(level, 22) - 1] ?? idle);
  return (written) => (written === 0 ? idle : used);
};

/** The window grows with the data. */
export const zstdDecompressSize: SizeLawOf = (_, idle) => () => idle;

function parameterOf(parameters: unknown, index: number): number | undefined {
  const value = (parameters as Uint32Array)[index];
  return value === UNSET ? undefined : value;
}
