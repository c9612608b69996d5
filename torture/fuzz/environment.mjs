// SPDX-License-Identifier: MIT
// The environment: whatever it contains, the resulting settings are valid, and each invalid value
// gives a warning.
import assert from 'node:assert/strict';
import { OPTIONS, resolveOptions } from '../../build/modules/options.js';
import { readEnvironment, VARIABLES } from '../../build/modules/service/environment.js';
import { mutateText } from './mutate.mjs';

const SOUND = ['1', '16', '512KiB', '64MiB', '1.5MiB', 'heap,buffer', '60s', '500ms', 'lineno'];
const WORDS = [
  ...SOUND,
  'buffer',
  'json',
  'SIGUSR2',
  'SIGKILL',
  '-1',
  '1e3',
  '0x10',
  'constructor',
];

export function prepare() {
  const names = Object.values(VARIABLES).map(({ name }) => name);
  return (random) => {
    const env = { TRACEMALLOC: '1' };
    for (let i = random.magnitude(12); i > 0; i--) {
      const text = random.pick(WORDS);
      env[random.pick(names)] = random.chance(0.5) ? text : mutateText(random, text, WORDS);
    }
    const read = readEnvironment(env, { isTerminal: random.chance(0.5) });
    const { sampleInterval, tracebackLimit, domains, sourceMaps, top, reportEvery } = read;
    resolveOptions({ sampleInterval, tracebackLimit, domains, sourceMaps });
    assert(Number.isInteger(top) && top >= 1 && top <= 1000);
    if (reportEvery !== 0) assert.equal(OPTIONS.every.accept(reportEvery), reportEvery);
    assert([undefined, 'SIGUSR1', 'SIGUSR2', 'SIGHUP'].includes(read.signal));
    assert(['lineno', 'filename', 'traceback', 'function'].includes(read.keyType));
    assert(['json', 'text'].includes(read.format));
    for (const warning of read.warnings) assert.match(warning, /^TRACEMALLOC.* is not .*; using /s);
    const wrong = Object.values(VARIABLES).filter(({ name, parse }) => {
      const text = env[name]?.trim();
      return text && parse(text) === undefined;
    });
    const isOff = VARIABLES.enabled.parse(env.TRACEMALLOC.trim() || '0') === 0;
    if (read.enabled) assert.equal(read.warnings.length, wrong.length);
    else assert(isOff || wrong.some(({ name }) => name === 'TRACEMALLOC'));
  };
}
