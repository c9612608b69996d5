// SPDX-License-Identifier: MIT
// The cost of loading a large pprof profile: peak of the resident set beyond an idle process, and
// time, by the use of the profile. For another tool's profile, and for one of our dumps.
//
//   node bench/load-profile.mjs [megabytes]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { largeProfile } from '../test/support/large-profile.mjs';

const USES = {
  "load, statistics('lineno')": "(await Snapshot.load(path)).statistics('lineno').length",
  'load, traces': '(await Snapshot.load(path)).traces.length',
  'load two, compareTo':
    "(await Snapshot.load(path)).compareTo(await Snapshot.load(path), 'lineno').length",
  'load two, merge, statistics':
    "Snapshot.merge([await Snapshot.load(path), await Snapshot.load(path)]).statistics('lineno').length",
};

const megabytes = Number(process.argv[2] ?? 100);
const directory = mkdtempSync(join(tmpdir(), 'load-profile-'));
const foreign = join(directory, 'large.pb');
const own = join(directory, 'own.pb.gz');
const index = JSON.stringify(new URL('../dist/index.js', import.meta.url).href);
const run = (script, path) =>
  execFileSync(
    process.execPath,
    [
      '--max-old-space-size=8000',
      '--input-type=module',
      '--eval',
      `import { readFileSync } from 'node:fs';
      const { Snapshot } = await import(${index});
      const path = ${JSON.stringify(path)};
      ${script}`,
    ],
    { encoding: 'utf8' },
  );
const measure = (title, path) => {
  console.log(`${title}, ${(statSync(path).size / 1e6).toFixed()} MB`);
  for (const [use, expression] of Object.entries(USES)) {
    const output = run(
      `// Not maxRSS, which begins with that of the process that started this one.
      const peak = () => Number(/VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
      const [idle, begun] = [peak(), process.cpuUsage()];
      const rows = ${expression};
      const { user, system } = process.cpuUsage(begun);
      console.log(rows + ' rows, peak ' + (peak() - idle).toFixed() + ' MiB, CPU ' + ((user + system) / 1e6).toFixed(1) + ' s');`,
      path,
    );
    console.log(`  ${use}: ${output.trim()}`);
  }
};
try {
  writeFileSync(foreign, largeProfile(megabytes * 1e6));
  measure('another tool', foreign);
  // Our dumps have all figures twice, so the same bytes contain fewer stacks.
  const part = join(directory, 'part.pb');
  writeFileSync(part, largeProfile(megabytes * 0.46e6));
  run(`await (await Snapshot.load(path)).dump(${JSON.stringify(own)})`, part);
  const path = join(directory, 'own.pb');
  writeFileSync(path, gunzipSync(readFileSync(own)));
  measure('our own', path);
} finally {
  rmSync(directory, { recursive: true });
}
