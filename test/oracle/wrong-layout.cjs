// SPDX-License-Identifier: MIT
// node wrong-layout.cjs ADDON ENTRY VALUE: starts with a wrong value and, if that succeeds, compares
// walks with V8's stacks.
const [, , addon, entry, value] = process.argv;
const probe = require(addon);

const reason = probe.start(entry, Number(value));
let mismatches = 0;
if (reason === '') {
  probe.every(1);
  const inner = (n) => (n > 0 ? [n].map((m) => inner(m - 1)) : probe.probe());
  for (let i = 0; i < 3000; i++) inner(i % 5);
  mismatches = JSON.parse(probe.results()).mismatches;
}
process.stdout.write(JSON.stringify({ reason, mismatches }));
