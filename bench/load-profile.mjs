// SPDX-License-Identifier: MIT
// What loading a large pprof profile needs: peak of the resident set beyond an idle process, and
// time, by the size of the file and the room that V8 is given.
//
//   node bench/load-profile.mjs [megabytes]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { largeProfile } from '../test/support/large-profile.mjs';

const megabytes = Number(process.argv[2] ?? 100);
const directory = mkdtempSync(join(tmpdir(), 'load-profile-'));
const path = join(directory, 'large.pb');
writeFileSync(path, largeProfile(megabytes * 1e6));
const script = `
  const { Snapshot } = await import(${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)});
  const idle = process.resourceUsage().maxRSS;
  const begun = performance.now();
  const { traces } = await Snapshot.load(${JSON.stringify(path)});
  const seconds = (performance.now() - begun) / 1000;
  const peak = (process.resourceUsage().maxRSS - idle) / 1024;
  console.log(traces.length + ' stacks, peak ' + peak.toFixed() + ' MiB, ' + seconds.toFixed(1) + ' s');`;
try {
  for (const flags of [[], [`--max-old-space-size=${megabytes * 7}`]]) {
    const output = execFileSync(
      process.execPath,
      [...flags, '--input-type=module', '--eval', script],
      { encoding: 'utf8' },
    );
    console.log(`${megabytes} MB ${flags.join(' ')}: ${output.trim()}`);
  }
} finally {
  rmSync(directory, { recursive: true });
}
