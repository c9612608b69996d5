// SPDX-License-Identifier: MIT
// The public functions that many programs never call. Each loads its module with the first call:
// together these are most of the package, and a program that only traces starts faster without
// them.
import type { Handler, HandlerOptions } from './http/handler.js';
import parts from './late-parts.cjs';
import type { Pusher, PusherOptions } from './push/pusher.js';
import type { Report } from './report/report.js';
import type { RetainerOptions } from './retainers/find.js';
import type { Retainers } from './retainers/retainers.js';
import type { HeapLimitOptions } from './service/heap-limit.js';
import type { MemoryLimitOptions } from './service/memory-limit.js';
import type {
  ProcessReportOptions,
  ProcessSnapshot,
  ProcessSnapshotOptions,
} from './service/process-snapshot.js';
import type { Reporter, ReporterOptions } from './service/reporter.js';

/**
 * Reports which sites hold the memory and which grow, at an interval, until the reporter or tracing
 * is stopped. Each report is also published on the diagnostics channel `tracemalloc:report`. Does
 * not keep the process alive. A logger that throws ends the reports, with a line on stderr.
 *
 * @throws TracemallocError ERR_NOT_TRACING; ERR_INVALID_OPTION.
 * Cost: a report costs what changed since the last one, some milliseconds of CPU time.
 */
export function createReporter(options?: ReporterOptions): Reporter {
  return parts.reporter().createReporter(options);
}

/**
 * Serves `GET /debug/pprof/heap` (a gzipped pprof profile; `?seconds=30`: what changed in 30 s),
 * `GET /debug/tracemalloc` (a report, as JSON or text; `?format=`, `?top=`, `?key=`, `?frames=`,
 * `?seconds=`), `GET /debug/tracemalloc/` (a page for browsers that shows it live; at most 8 at a
 * time) and `GET /debug/tracemalloc/retainers` (experimental: what {@link findRetainers} finds for
 * the suspects or for `?site=file.js:6`, as JSON or text; `?samples=`, `?timeout=`, `?format=`; one
 * search at a time). Answers only clients on this machine, and only where the server listens on a
 * loopback address, unless `token` or `allow` let others in. Simultaneous requests share one
 * snapshot. Refusals say why: 400 for an invalid query, 401 or 403, 404 where nothing is live, 405,
 * 501 where it is not possible, 503 when not tracing or busy.
 *
 * @returns a handler for `http.createServer`, `app.use` of express, and, see docs/production.md,
 *   fastify and koa.
 * @throws TracemallocError ERR_INVALID_OPTION. Cost: a snapshot per request, and its compression
 *   off the main thread; while pages are open, one snapshot every 2 s for all of them together.
 *   Go's `net/http/pprof` is the model; Python has no counterpart.
 */
export function createHandler(options?: HandlerOptions): Handler {
  return parts.handler().createHandler(options);
}

/**
 * When this thread is about to run out of heap, writes one report to stderr, with
 * `"event":"heap-limit"`, and a profile if there is a `directory`; then the process dies (or the
 * worker ends) as it would have without this. V8's limit is raised once for that: see
 * docs/production.md. Ends when tracing stops.
 *
 * @returns a function that ends the watch.
 * @throws TracemallocError ERR_NOT_TRACING, ERR_INVALID_OPTION; ERR_UNSUPPORTED_PLATFORM: the
 *   engine is `inspector`, without the addon. Cost: 200 KB, and nothing until then. Python has no counterpart.
 */
export function reportNearHeapLimit(options?: HeapLimitOptions): () => void {
  return parts.heapLimit().reportNearHeapLimit(options);
}

/**
 * When the process passes 80, 90 and 95 % of the memory that it may use, writes a report to stderr,
 * with `"event":"memory-limit"`, and a profile if there is a `directory`. So there is a report
 * before the kernel ends the process, which happens without a warning. It is written even while the
 * event loop is blocked, by JavaScript or in `Atomics.wait()`; if native code blocks it for a
 * second, a line says so, and the report follows. Each mark is reported at most once a minute, and
 * again only after less was used. The process has one watch: the main thread's, or that of the
 * first worker if the main thread has none; it ends with that thread's tracing. Each thread that
 * calls this reports; a worker only if it holds a twentieth of the limit. Another call in a thread
 * replaces its last one. Does not keep the process alive. Ends when tracing stops. No-op where
 * nothing limits the process's memory, and without the addon.
 *
 * @returns a function that ends it; no-op if it was replaced.
 * @throws TracemallocError ERR_NOT_TRACING, ERR_INVALID_OPTION; ERR_OUT_OF_MEMORY: the process may
 *   have no more threads or descriptors. Cost: a thread that reads some of the kernel's files twice
 *   a second, and up to 66 times near a mark: 0.1 ms of CPU time each. Python has no counterpart.
 */
export function reportNearMemoryLimit(options?: MemoryLimitOptions): () => void {
  return parts.memoryLimit().reportNearMemoryLimit(options);
}

/**
 * Pushes a profile at an interval: what is live, and what was allocated since the last one. A
 * failed attempt is repeated after 1 s, 2 s, 4 s, ... up to 5 minutes, each shortened by a random
 * part of up to a half; a profile that the server rejects (300 to 499, except 408 and 429) is not.
 * The pusher ends when tracing stops.
 *
 * @throws TracemallocError ERR_INVALID_OPTION; ERR_NOT_TRACING. Cost: a snapshot and its
 *   compression
 *   (off the main thread) per interval. Python has no counterpart.
 */
export function createPusher(options: PusherOptions): Pusher {
  return parts.pusher().createPusher(options);
}

/**
 * Lets the other threads of this process ask for this one's snapshots, until tracing stops;
 * `tracemalloc/register` does it in every thread. Does not keep the thread alive. No-op when
 * already shared.
 *
 * @throws TracemallocError ERR_NOT_TRACING. Cost: nothing until another thread asks; then one
 *   snapshot
 *   for all threads that wait for one, and at most a third of the thread's time.
 */
export function shareSnapshots(): void {
  parts.processSnapshot().shareSnapshots();
}

/**
 * A snapshot of this thread and of all others that share theirs, see {@link shareSnapshots}. Takes
 * as long as the slowest thread, at most `timeout`.
 *
 * @throws (rejects) TracemallocError ERR_NOT_TRACING, ERR_INVALID_OPTION. Cost: a snapshot in each
 *   thread; they are merged when the result is first read.
 */
export async function takeProcessSnapshot(
  options?: ProcessSnapshotOptions,
): Promise<ProcessSnapshot> {
  return parts.processSnapshot().takeProcessSnapshot(options);
}

/**
 * Experimental: answers and options may change in a minor version.
 *
 * Finds what keeps objects alive: the shortest paths to them from what usually lives as long as the
 * program (a variable of a module, the global object, V8's own objects), or from native code. Weak
 * references are not followed; a WeakMap's value is held by its key. Names are those of variables
 * and properties only, never values; keys that may be data are `[key]`, but a short key that looks
 * like a word is shown. Objects of this thread only, line precision only (any precision for
 * `objects`), Linux on x64.
 *
 * The heap's memory is read by a thread of its own while the program goes on, without a garbage
 * collection; each reference of a path is checked again on this thread, word by word, before it is
 * reported. That a path's beginning is alive is certain for your own global object only, and native
 * code may no longer need what it refers to. What a FinalizationRegistry holds, and prototypes of
 * functions that made no objects, may be missed; an imported variable may be reported as one of a
 * module that imports it. On a heap that changes fast some samples may remain unsure:
 * `retainers.changed`. One search at a time.
 *
 * @throws (rejects) TracemallocError ERR_INVALID_OPTION; ERR_NOT_TRACING; ERR_BUSY;
 *   ERR_UNSUPPORTED_PLATFORM: not this V8, or the process may not read its own memory;
 *   ERR_UNSUPPORTED_PRECISION; ERR_OUT_OF_MEMORY.
 * Cost: CPU time of another thread, at low priority, for reading the heap as often as the path has
 *   steps, and memory for the objects on the way, never for the heap. Some milliseconds of this
 *   thread, in slices of about 5 for checking and naming the paths. Eclipse MAT's paths to GC roots are
 *   the model; Python has `gc.get_referrers`.
 */
export function findRetainers(options: RetainerOptions): Promise<Retainers> {
  return parts.retainers().findRetainers(options);
}

/**
 * Makes one report of all threads, with `threads` and `silentThreads`; growth is counted from zero.
 * Takes as long as {@link takeProcessSnapshot}, at most `timeout`, and then the time of a report.
 * Cost: that of `takeProcessSnapshot`, and of reading the ledger. Python has no counterpart.
 *
 * @throws (rejects) TracemallocError ERR_NOT_TRACING, ERR_INVALID_OPTION.
 */
export async function takeProcessReport(options?: ProcessReportOptions): Promise<Report> {
  return parts.processSnapshot().takeProcessReport(options);
}
