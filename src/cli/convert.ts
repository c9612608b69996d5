// SPDX-License-Identifier: MIT
import { BYTES, type Bytes } from '../exporters/bytes.js';
import {
  toFolded,
  toHeapProfile,
  toJson,
  toOtlp,
  toPprof,
  toSpeedscope,
  toText,
} from '../exporters/index.js';
import type { Snapshot } from '../snapshot/snapshot.js';
import { defineCommand, UsageError } from './command.js';
import { readSnapshot, sourceOf, TOKEN } from './input.js';
import { print, write } from './output.js';
import { withProgress } from './progress.js';

interface Wish {
  readonly bytes: Bytes;
}

const FORMATS: Readonly<Record<string, (snapshot: Snapshot, wish: Wish) => string | Uint8Array>> = {
  pprof: toPprof,
  otlp: (snapshot) => toOtlp(snapshot),
  heapprofile: toHeapProfile,
  folded: toFolded,
  speedscope: (snapshot) => toSpeedscope(snapshot),
  json: toJson,
  text: (snapshot) => toText(snapshot),
};

const BINARY: readonly string[] = ['pprof', 'otlp'];

const NAMES = Object.keys(FORMATS).join(', ');

export const convert = defineCommand({
  name: 'convert',
  summary: 'Turns a snapshot into another format; docs/formats.md says which tools open it.',
  operands: 'FILE|URL|PORT',
  arity: [1, 1],
  options: {
    to: {
      value: 'FORMAT',
      meaning: NAMES,
      expects: `one of ${NAMES}`,
      parse: (text: string) => (Object.hasOwn(FORMATS, text) ? text : undefined),
    },
    output: { value: 'FILE', short: 'o', meaning: 'output file; default is stdout' },
    bytes: {
      value: 'WHICH',
      meaning:
        'for heapprofile and folded, which hold one figure: live, allocated, or churn (allocated and collected again)',
      default: 'live',
      expects: `one of ${BYTES.join(', ')}`,
      parse: (text: string) => BYTES.find((bytes) => bytes === text),
    },
    ...TOKEN,
  },
  examples: [
    'tracemalloc convert heap.pb.gz --to speedscope -o heap.speedscope.json',
    'tracemalloc convert heap.pb.gz --to folded --bytes allocated | flamegraph.pl > heap.svg',
    'tracemalloc convert http://127.0.0.1:3000 --to heapprofile -o live.heapprofile',
  ],
  async run({ to, output, bytes, token }, [operand = '']) {
    if (to === undefined) throw new UsageError(`--to is missing: ${NAMES}`);
    if (output === undefined && BINARY.includes(to) && process.stdout.isTTY) {
      throw new UsageError(`${to} is binary: name an output file with -o FILE`);
    }
    const source = sourceOf(operand);
    const snapshot = await withProgress((progress) =>
      readSnapshot(source, { token, onProgress: progress.of(source) }),
    );
    const content = FORMATS[to]!(snapshot, { bytes });
    if (output === undefined) await print(content);
    else await write(output, content);
    return 0;
  },
});
