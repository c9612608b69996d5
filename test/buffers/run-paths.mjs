// SPDX-License-Identifier: MIT
// Creates one buffer in each way that a program can, each on its own line, with every allocation
// traced, and prints the snapshot's figures of each line:
//
//   PACKAGE=<url> ADDON=<probe addon> FILE=<to be written> node run-paths.mjs
import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import zlib from 'node:zlib';

const tracemalloc = await import(process.env.PACKAGE);
const addon = createRequire(import.meta.url)(process.env.ADDON);

const BYTES = 100_000;
const noise = crypto.randomBytes(BYTES);
const text = 'x'.repeat(BYTES);
const [key, iv] = [Buffer.alloc(16), Buffer.alloc(16)];
fs.writeFileSync(process.env.FILE, noise);

const kept = [];
const keep = (made) => {
  kept.push(made);
  return made;
};
const lines = {};
// Records the caller's line under the path's name.
const at = (name, made) => {
  lines[name] = Number(/:(\d+):\d+\)?$/.exec(new Error().stack.split('\n')[2])[1]);
  return made;
};

tracemalloc.start({ sampleInterval: 1, tracebackLimit: 64 });
const paths = [
  () => at('Buffer.alloc', Buffer.alloc(BYTES)),
  () => at('Buffer.allocUnsafe', Buffer.allocUnsafe(BYTES)),
  () => at('Buffer.allocUnsafeSlow', Buffer.allocUnsafeSlow(BYTES)),
  () => at('Buffer.from a string', Buffer.from(text)),
  () => at('Buffer.from base64', Buffer.from(text, 'base64')),
  () => at('Buffer.from a buffer', Buffer.from(noise)),
  () => at('Buffer.concat', Buffer.concat([noise, noise])),
  () => at('Uint8Array', new Uint8Array(BYTES)),
  () => at('Float64Array', new Float64Array(BYTES / 8)),
  () => at('Uint8Array.from', Uint8Array.from(noise)),
  () => at('slice of a typed array', Uint8Array.prototype.slice.call(noise)),
  () => at('ArrayBuffer', new ArrayBuffer(BYTES)),
  () => at('slice of an ArrayBuffer', noise.buffer.slice(0, BYTES)),
  () => at('SharedArrayBuffer', new SharedArrayBuffer(BYTES)),
  () => at('structuredClone', structuredClone(keep(new Uint8Array(BYTES)))),
  () => at('TextEncoder', new TextEncoder().encode(text)),
  () => at('crypto.randomBytes', crypto.randomBytes(BYTES)),
  () => at('crypto cipher', crypto.createCipheriv('aes-128-ctr', key, iv).update(noise)),
  () => at('zlib.gzipSync', zlib.gzipSync(noise)),
  () => at('zlib.brotliCompressSync', zlib.brotliCompressSync(noise)),
  () => at('fs.readFileSync', fs.readFileSync(process.env.FILE)),
  () => at('addon', addon.newArrayBuffer(BYTES)),
];
for (const make of paths) kept.push(make());

const byLine = {};
for (const trace of tracemalloc.takeSnapshot().traces) {
  if (trace.domain !== 'buffer') continue;
  const own = [...trace.traceback]
    .reverse()
    .find((frame) => frame.filename === import.meta.filename);
  if (own !== undefined) byLine[own.lineno] = (byLine[own.lineno] ?? 0) + trace.size;
}
const sizes = Object.entries(lines).map(([name, line]) => [name, byLine[line] ?? 0]);
const { bufferWrongSizes, bufferMissedDeaths, bufferOtherThreads } =
  tracemalloc.status().diagnostics;
process.stdout.write(
  JSON.stringify({ sizes, losses: [bufferWrongSizes, bufferMissedDeaths, bufferOtherThreads] }),
);
