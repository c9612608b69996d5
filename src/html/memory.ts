// SPDX-License-Identifier: MIT
// The process's memory as rows: its ledger if the snapshot has one, else Node's own figures.
import type { MemoryLedger } from '../ledger/ledger.js';
import { plainName } from '../text/plain-text.js';
import type { ProcessFacts } from '../traces/facts.js';
import type { MemoryRow, ReportData } from './report-data.js';

type Memory = Pick<ReportData, 'memory' | 'diagnosis'>;

export function memoryOf(now: ProcessFacts, old: ProcessFacts | undefined): Memory {
  if (now.ledger !== undefined) return ledgerRows(now.ledger, old?.ledger);
  return { memory: usageRows(now.memoryUsage, old?.memoryUsage) };
}

const RESIDENT = 'RSS';

function ledgerRows(now: MemoryLedger, old: MemoryLedger | undefined): Memory {
  const before = new Map(old?.rows.map(({ name, bytes }) => [name, bytes]));
  const rows = now.rows.map(({ name, label, bytes }) => {
    const was = old && (before.get(name) ?? 0);
    before.delete(name);
    return { label, bytes, old: was };
  });
  for (const { name, label, bytes } of old?.rows ?? []) {
    if (before.has(name)) rows.push({ label, bytes: 0, old: bytes });
  }
  const diagnosis = old && now.compareTo(old).diagnosis;
  return {
    memory: [
      { label: RESIDENT, bytes: now.rss, old: old?.rss },
      ...rows
        .sort((a, b) => b.bytes - a.bytes)
        .map((row) => ({ ...row, label: plainName(row.label) })),
      { label: 'unexplained', bytes: now.unexplained, old: old?.unexplained },
    ],
    diagnosis: diagnosis && plainName(diagnosis),
  };
}

const USAGE_LABELS = {
  rss: RESIDENT,
  heapTotal: 'V8 heap',
  heapUsed: 'V8 heap, used',
  external: 'outside the heap',
} as const;

function usageRows(
  now: Readonly<NodeJS.MemoryUsage>,
  old: Readonly<NodeJS.MemoryUsage> | undefined,
): MemoryRow[] {
  if (now.rss === 0) return []; // a profile of another tool has no figures
  const before = old !== undefined && old.rss > 0 ? old : undefined;
  return Object.entries(USAGE_LABELS).map(([key, label]) => {
    const kind = key as keyof typeof USAGE_LABELS;
    return { label, bytes: now[kind], old: before?.[kind] };
  });
}
