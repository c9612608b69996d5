// SPDX-License-Identifier: MIT
// Dumps snapshots of its memory into the given directory, again and again, and prints the outcome
// of each as a line of JSON: the error's code and message, or null.
//
//   node torture/faults/program.mjs DIRECTORY DUMPS [USER]    USER: continue as that user
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Snapshot, start, stop, takeSnapshot } from '../../dist/index.js';

const [directory, dumps, user] = process.argv.slice(2);

// Each site has its own file with a random name, so the profile can't be compressed to nothing.
const makers = Array.from(
  { length: 2000 },
  () => new Function(`return { a: [] };\n//# sourceURL=${randomUUID()}.js`),
);
start({ sampleInterval: 1 });
const kept = makers.map((make) => make());
const snapshot = takeSnapshot();
stop();
await Snapshot.load(join(tmpdir(), 'no such file')).catch(() => {}); // all code is loaded
if (user !== undefined) process.setuid(Number(user));

console.log(JSON.stringify(snapshot.traces.length));
for (let i = 0; i < Number(dumps); i++) {
  const outcome = await snapshot.dump(join(directory, `${i % 3}.pb.gz`)).then(
    () => null,
    ({ code, message }) => ({ code, message }),
  );
  console.log(JSON.stringify(outcome));
}
globalThis.kept = kept;
