// SPDX-License-Identifier: MIT
// What the package exports.
export { type ErrorCode, TracemallocError } from './errors.js';
export type { Sources } from './files/source-lines.js';
export type { Handler, HandlerOptions } from './http/handler.js';
export { label } from './labels/label.js';
export {
  createHandler,
  createPusher,
  createReporter,
  findRetainers,
  reportNearHeapLimit,
  reportNearMemoryLimit,
  shareSnapshots,
  takeProcessReport,
  takeProcessSnapshot,
} from './late.js';
export { LedgerDiff, MemoryLedger } from './ledger/ledger.js';
export { getMemoryLedger } from './ledger/read.js';
export type { LedgerFigures, LedgerRow, LedgerRowDiff } from './ledger/rows.js';
export type {
  Domain,
  EarlierSnapshot,
  Precision,
  SnapshotOptions,
  StartOptions,
} from './options.js';
export type { Pusher, PusherOptions, PusherStatus } from './push/pusher.js';
export type { ReportFormat } from './report/formats.js';
export type { SumKind } from './report/groupings.js';
export type {
  Report,
  ReportLedger,
  ReportRetainers,
  ReportSite,
  ReportSuspect,
} from './report/report.js';
export type { RetainerOptions } from './retainers/find.js';
export type { RetainerPath, Retainers } from './retainers/retainers.js';
export type { RetainerStep, RetainerStepKind } from './retainers/steps.js';
export type { HeapLimitOptions } from './service/heap-limit.js';
export type { Logger, LoggerLike } from './service/logger.js';
export type { MemoryLimitOptions } from './service/memory-limit.js';
export type {
  ProcessReportOptions,
  ProcessSnapshot,
  ProcessSnapshotOptions,
} from './service/process-snapshot.js';
export type { Reporter, ReporterOptions } from './service/reporter.js';
export { type Change, type WatchOptions, watch } from './service/watch.js';
export { DomainFilter, Filter, type FilterOptions, LabelFilter } from './snapshot/filter.js';
export type { GroupOptions, KeyType } from './snapshot/grouping.js';
export { Snapshot } from './snapshot/snapshot.js';
export { Statistic, StatisticDiff } from './snapshot/statistic.js';
export type { SourceMapCounts, Status, TracedMemory } from './status.js';
export type {
  KeptRetainers,
  RetainerPathText,
  RetainersText,
  SiteRetainers,
} from './text/retainers-text.js';
export {
  clearTraces,
  getObjectTraceback,
  getTracebackLimit,
  getTracedMemory,
  getTracemallocMemory,
  isTracing,
  resetPeak,
  start,
  status,
  stop,
  takeSnapshot,
  track,
  untrack,
} from './tracer.js';
export type { Age } from './traces/age.js';
export type { AllocationTime } from './traces/allocation-time.js';
export type { ChargeOptions, Frames } from './traces/charge.js';
export type { MemoryReading, ProcessFacts, SnapshotFacts } from './traces/facts.js';
export { Frame, type FrameDetails } from './traces/frame.js';
export type { Labels } from './traces/labels.js';
export type { Sampling } from './traces/sampling.js';
export { Trace, type TraceFigures, type TypeShare } from './traces/trace.js';
export { type FormatOptions, Traceback } from './traces/traceback.js';
