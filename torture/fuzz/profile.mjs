// SPDX-License-Identifier: MIT
// The reader of profiles, with damaged ones of ours and Go's: damaged as bytes, in the fields of
// the messages, and in our own notes. The result is either ERR_INVALID_PROFILE, or a snapshot with
// which everything works.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import {
  CHURN,
  describeInMarkdown,
  describeSnapshot,
  LIVE,
  markdownRows,
  tableRows,
} from '../../build/modules/cli/rows.js';
import { encodeProfile } from '../../build/modules/pprof/encode.js';
import { parseProfile } from '../../build/modules/pprof/file.js';
import * as exporters from '../../dist/exporters/index.js';
import * as tracemalloc from '../../dist/index.js';
import { mutateBytes, mutateJson } from './mutate.mjs';

const GO = new URL('../../test/fixtures/go-heap.pb.gz', import.meta.url);
const KEY_TYPES = ['lineno', 'filename', 'function', 'traceback', 'type'];
const NOTES = ['#tracemalloc ', '#trace '];
const KEEP = (_style, text) => text;

function ours() {
  tracemalloc.start({ sampleInterval: 512 });
  const kept = Array.from({ length: 300 }, (_, i) => ({ i, text: `${i}`.repeat(20) }));
  const snapshot = tracemalloc.takeSnapshot({ ledger: true });
  tracemalloc.stop();
  assert(kept.length > 0);
  return encodeProfile({ traces: snapshot.traces, facts: snapshot });
}

// Our notes are JSON in comments: damaged as JSON, they pass more checks than damaged as bytes.
function withDamagedNote(random, bytes) {
  const profile = Profile.decode(bytes);
  const { strings } = profile.stringTable;
  const texts = strings.flatMap((text, id) => (NOTES.some((n) => text.startsWith(n)) ? [id] : []));
  const id = random.chance(0.5) ? texts[0] : random.pick(texts);
  const [, head, json] = /^(#\w+ )(.*)$/s.exec(strings[id]);
  strings[id] = head + JSON.stringify(mutateJson(random, JSON.parse(json)));
  return profile.encode();
}

const FIELDS = ['id', 'address', 'functionId', 'line', 'column', 'name', 'filename', 'type', 'key'];

function withDamagedField(random, bytes) {
  const profile = Profile.decode(bytes);
  for (let i = random.magnitude(5); i > 0; i--) {
    const list = profile[random.pick(['location', 'function', 'sample', 'sampleType', 'mapping'])];
    if (list.length === 0) continue;
    const entry = random.pick(list);
    const inner = random.pick([entry, ...(entry.line ?? []), ...(entry.label ?? [])]);
    const isNumber = (name) => ['number', 'bigint'].includes(typeof inner[name]);
    const field = random.pick([...FIELDS.filter(isNumber), 'none']);
    if (field !== 'none') inner[field] = random.pick([0, 1, 2, 7, 1000, 2n ** 53n, 2n ** 64n - 1n]);
    else if (random.chance(0.5)) list.splice(random.int(list.length), 1);
    else list.push(entry);
  }
  return profile.encode();
}

/** Everything that the commands do with a profile. */
function use(snapshot) {
  for (const keyType of KEY_TYPES) {
    const statistics = snapshot.statistics(keyType);
    for (const { size, count } of statistics) assert(Number.isFinite(size + count));
    for (const { traceback } of statistics.slice(0, 3)) traceback.format();
    for (const layout of [LIVE, CHURN]) {
      tableRows(layout, statistics.slice(0, 10), KEEP);
      markdownRows(layout, statistics.slice(0, 10));
    }
    snapshot.compareTo(snapshot, keyType);
  }
  describeSnapshot('file', snapshot);
  describeInMarkdown('file', snapshot);
  const { toFolded, toHeapProfile, toJson, toOtlp, toPprof, toSpeedscope, toText } = exporters;
  for (const convert of [toFolded, toHeapProfile, toJson, toOtlp, toPprof, toSpeedscope, toText])
    assert(convert(snapshot).length > 0 || convert === toFolded);
  exporters.toHtml(snapshot);
}

export function prepare() {
  const seeds = [ours(), gunzipSync(readFileSync(GO))];
  return async (random) => {
    const isOurs = random.chance(0.7);
    const damage = random.pick([
      mutateBytes,
      withDamagedField,
      isOurs ? withDamagedNote : mutateBytes,
    ]);
    let bytes = damage(random, seeds[isOurs ? 0 : 1]);
    if (random.chance(0.3)) bytes = gzipSync(bytes, { level: 1 });
    if (random.chance(0.1)) bytes = mutateBytes(random, bytes);
    try {
      const { traces, facts } = await parseProfile(bytes, 'file');
      use(new tracemalloc.Snapshot(traces, facts));
    } catch (error) {
      if (error.code !== 'ERR_INVALID_PROFILE') throw error;
    } finally {
      assert.equal({}.polluted, undefined);
    }
  };
}
