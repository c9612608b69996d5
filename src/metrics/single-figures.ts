// SPDX-License-Identifier: MIT
// The metrics that are one number, as both metrics libraries show them.
import { knownSuspects } from '../service/known-suspects.js';
import { getTracedMemory, getTracemallocMemory, isTracing, status } from '../tracer.js';

export interface SingleFigure {
  /** Words of the name. */
  readonly name: readonly string[];
  readonly unit: 'bytes' | 'samples' | 'sites' | 'flag';
  readonly help: string;
  /** Never throws; 0 when not tracing. */
  readonly read: () => number;
}

export const SINGLE_FIGURES: readonly SingleFigure[] = [
  {
    name: ['tracing'],
    unit: 'flag',
    help: 'Whether allocations are being traced: 1 or 0.',
    read: () => (isTracing() ? 1 : 0),
  },
  {
    name: ['traced'],
    unit: 'bytes',
    help: 'Live traced memory, an estimate.',
    read: () => getTracedMemory().current,
  },
  {
    name: ['traced', 'peak'],
    unit: 'bytes',
    help: 'Maximum of live traced memory since start or resetPeak(), an estimate.',
    read: () => getTracedMemory().peak,
  },
  {
    name: ['live', 'samples'],
    unit: 'samples',
    help: 'Samples that the figures rest on.',
    read: () => status().samples,
  },
  {
    name: ['tracker'],
    unit: 'bytes',
    help: 'Native memory that the tracker itself holds.',
    read: getTracemallocMemory,
  },
  {
    name: ['suspects'],
    unit: 'sites',
    help: 'Sites that grow as leaks do, by the last periodic report; 0 where none are made.',
    read: () => knownSuspects().filter(({ state }) => state === 'growing').length,
  },
];
