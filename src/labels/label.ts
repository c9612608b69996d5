// SPDX-License-Identifier: MIT
// Labels of what the program is doing: they follow its asynchronous calls, and each sample has those
// in force where it was allocated.
import type { Binding } from '../addon/binding.js';
import { shown, TracemallocError } from '../errors.js';
import { packageVersion } from '../files/package-files.js';
import { sharedByCopies } from '../host/shared-by-copies.js';
import type { Labels } from '../traces/labels.js';
import { type Carrier, createCarrier } from './carriers.js';
import { beginSets, labelsOf, numberOf, sessionOfSets } from './label-sets.js';

const NAME = /^[A-Za-z_][\w.-]{0,63}$/;
// In profiles, samples have labels of these names.
const RESERVED = ['domain', 'type'];
const LONGEST_VALUE = 128;

const state = sharedByCopies(`${packageVersion} labels`, () => ({
  /** Of the session that traces. */
  addon: undefined as Binding | undefined,
  /** Made when labels are first used: it stays for the thread's life. */
  carrier: undefined as Carrier | undefined,
}));

/**
 * Calls `fn`, and labels what it allocates, also in what it starts: callbacks, promises, timers.
 * Labels within labels add up, and one of the same name replaces the outer one. Snapshots have them
 * in `trace.labels`, the key type `'label'` sums by them, and profiles have them as labels of
 * samples.
 *
 * While nothing is traced, or without the addon, or at function precision, `fn` is just called; what
 * it started before tracing began has no labels.
 *
 * @param labels - names such as `route` (letters, digits, `_`, `.`, `-`; at most 64; not `domain`
 *   and `type`) with texts, of which 128 characters are kept. At most 256 different sets are
 *   distinguished in a thread from one `start()` to the next; in further ones the texts are
 *   `(other)`.
 * @returns what `fn` returns.
 * @throws TracemallocError ERR_INVALID_ARGUMENT; and what `fn` throws.
 * Cost: that of an `AsyncLocalStorage`; where Node has no AsyncContextFrame (20, and 22 without
 *   `--experimental-async-context-frame`), that of an async hook from the first call on, see
 *   docs/labels.md. Go: `pprof.Do`.
 */
export function label<T>(labels: Labels, fn: () => T): T {
  requireLabels(labels);
  if (typeof fn !== 'function') {
    throw new TracemallocError('ERR_INVALID_ARGUMENT', `label needs a function, not ${shown(fn)}`);
  }
  return withLabels(labels, fn);
}

/** {@link label}, for labels that are known to be valid. */
export function withLabels<T>(labels: Labels, fn: () => T): T {
  const carrier = carrierNow();
  return carrier === undefined ? fn() : carrier.run(within(carrier, labels), fn);
}

/** Prepares for labels, so that this does not happen in the middle of a callback. */
export function prepareLabels(): void {
  carrierNow();
}

/** Labels the rest of the current callback, and what that starts. No-op while nothing is traced. */
export function enterLabels(labels: Labels): void {
  const carrier = carrierNow();
  carrier?.enter(within(carrier, labels));
}

/** The labels in force. */
export function currentLabels(): Labels {
  return labelsOf((state.addon && state.carrier?.current) ?? 0);
}

/** To be called when the addon traces. */
export function openLabels(addon: Binding): void {
  state.addon = addon;
  beginSets();
  state.carrier?.open();
}

/** To be called when it no longer does. */
export function closeLabels(): void {
  state.addon = undefined;
  state.carrier?.close();
}

function carrierNow(): Carrier | undefined {
  if (state.addon === undefined || state.carrier !== undefined) return state.addon && state.carrier;
  state.carrier = createCarrier(state.addon);
  state.carrier.open();
  return state.carrier;
}

// Numbers of labels that don't change and are given again and again, such as a route's.
const lastOf = new WeakMap<Labels, { session: number; outer: number; number: number }>();

function within(carrier: Carrier, labels: Labels): number {
  const [session, outer] = [sessionOfSets(), carrier.current];
  const last = lastOf.get(labels);
  if (last?.session === session && last.outer === outer) return last.number;
  const number = numberWithin(outer, labels);
  if (Object.isFrozen(labels)) lastOf.set(labels, { session, outer, number });
  return number;
}

function numberWithin(outer: number, labels: Labels): number {
  const cut = Object.entries(labels).map(([name, text]) => [name, cutText(text)]);
  return numberOf({ ...labelsOf(outer), ...Object.fromEntries(cut) });
}

// Half of a pair of surrogates could not be written as UTF-8.
function cutText(text: string): string {
  return text.slice(0, LONGEST_VALUE).replace(/\p{Surrogate}/gu, '\ufffd');
}

function requireLabels(labels: Labels): void {
  const isSound =
    typeof labels === 'object' &&
    labels !== null &&
    Object.entries(labels).every(
      ([name, text]) => NAME.test(name) && !RESERVED.includes(name) && typeof text === 'string',
    );
  if (isSound) return;
  throw new TracemallocError(
    'ERR_INVALID_ARGUMENT',
    `label needs an object such as { route: 'GET /' }, whose values are strings and whose names are words other than 'domain' and 'type', not ${shown(labels)}`,
  );
}
