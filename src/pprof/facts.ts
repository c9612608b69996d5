// SPDX-License-Identifier: MIT
// Parses and validates the snapshot facts in our own profiles.
import { MemoryLedger } from '../ledger/ledger.js';
import type { LedgerFigures, LedgerRow } from '../ledger/rows.js';
import { isSiteRetainers, type KeptRetainers } from '../text/retainers-text.js';
import type { MemoryReading } from '../traces/facts.js';
import type { StoredFacts } from './profile.js';

const READING_KEYS = [
  'time',
  'rss',
  'heapUsed',
  'external',
  'arrayBuffers',
  'traced',
] as const satisfies readonly (keyof MemoryReading)[];

const USAGE_KEYS = [
  'rss',
  'heapTotal',
  'heapUsed',
  'external',
  'arrayBuffers',
] as const satisfies readonly (keyof NodeJS.MemoryUsage)[];

const SAMPLING_KEYS = ['finest', 'coarsest', 'samplesPerSecond', 'cpuShare'] as const;

/** Characters; a number for each of a million frames has less. Parsed they take many times that. */
const LONGEST = 32 * 2 ** 20;

/** @throws Error, whose message says what is wrong. */
export function parseFacts(comment: string): StoredFacts {
  check(comment.length <= LONGEST, `${comment.length} characters of tracemalloc's notes`);
  const facts = JSON.parse(comment) as StoredFacts;
  check(facts.version === 1, `version ${facts.version} of tracemalloc's notes; 1 is known`);
  const numbers = [facts.traces, facts.tracebackLimit, facts.sampleInterval, facts.timestamp];
  check(numbers.every(Number.isFinite), 'a fact is not a number');
  check(Array.isArray(facts.approximate) && Array.isArray(facts.domains), 'a fact is not a list');
  const { sampling } = facts;
  const isSampling =
    sampling === undefined ||
    (typeof sampling?.isSelfTuning === 'boolean' &&
      SAMPLING_KEYS.every((key) => Number.isFinite(sampling[key])));
  check(isSampling, 'damaged facts about sampling');
  check([undefined, true].includes(facts.survivors), 'a fact is not a boolean');
  const time: unknown = facts.allocated;
  const isTime =
    time === undefined ||
    (typeof time === 'object' && time !== null && Object.values(time).every(Number.isFinite));
  check(isTime, 'damaged facts about when it was allocated');
  check(facts.precision === 'line' || facts.precision === 'function', 'unknown precision');
  check(
    facts.domains.every((domain) => typeof domain === 'string'),
    'a domain is not a name',
  );
  const usage = facts.process?.memoryUsage;
  check(
    USAGE_KEYS.every((key) => Number.isFinite(usage?.[key])),
    'no facts of the process',
  );
  const { ledger, history = [], retainers = [], pid, threadId, nodeVersion } = facts.process;
  check([pid, threadId].every(Number.isFinite), 'a fact of the process is not a number');
  check(typeof nodeVersion === 'string', 'the version of Node is not a text');
  const isReading = (reading: object) =>
    READING_KEYS.every((key) => Number.isFinite((reading as Partial<MemoryReading>)?.[key]));
  check(Array.isArray(history) && history.every(isReading), 'damaged history');
  const isKept = (kept: KeptRetainers) => isSiteRetainers(kept) && Number.isFinite(kept.time);
  check(Array.isArray(retainers) && retainers.every(isKept), 'damaged retainers');
  if (ledger === undefined) return facts;
  return { ...facts, process: { ...facts.process, ledger: reviveLedger(ledger) } };
}

function reviveLedger(ledger: LedgerFigures): MemoryLedger {
  const isSound =
    [ledger.rss, ledger.timestamp].every(Number.isFinite) &&
    Array.isArray(ledger.rows) &&
    ledger.rows.every(
      ({ name, label, bytes }: LedgerRow) =>
        typeof name === 'string' && typeof label === 'string' && Number.isFinite(bytes),
    );
  check(isSound, 'damaged ledger');
  return new MemoryLedger(ledger);
}

/** @throws Error with this reason. */
export function check(sound: boolean, reason: string): void {
  if (!sound) throw new Error(reason);
}
