// SPDX-License-Identifier: MIT
// Watches calls of a native method that is not ours, and changes nothing that programs go by: name,
// length, lack of a prototype, results, exceptions and their stacks stay what they were.
import type { Method } from '../host/call-sites.js';
import { quietly } from '../host/quietly.js';

const { apply } = Reflect;
const { captureStackTrace } = Error;

/** What is told of a call; whatever this throws is dropped. */
export interface CallObserver<T> {
  before?(self: T): void;
  /** After a call that did not throw; `above` is where the application's stack ends. */
  after?(self: T, args: readonly unknown[], above: Method): void;
}

/**
 * Watches `owner[name]`, and answers how to end that. If somebody has wrapped the method since, what
 * he holds remains, and passes calls on.
 */
export function observeMethod<T>(
  owner: object,
  name: string,
  observer: CallObserver<T>,
): () => void {
  const descriptor = Object.getOwnPropertyDescriptor(owner, name);
  const original: Method | undefined = descriptor?.value;
  if (typeof original !== 'function') return () => {};
  let observing: CallObserver<T> | undefined = observer;
  // As native ones, a method of this form is no constructor.
  const methods = {
    [name](this: T, ...args: unknown[]): unknown {
      quietly(() => observing?.before?.(this));
      let result: unknown;
      try {
        result = apply(original, this, args);
      } catch (error) {
        quietly(() => leaveOut(watched, error));
        throw error;
      }
      quietly(() => observing?.after?.(this, args, watched));
      return result;
    },
  };
  const watched = methods[name] as Method;
  if (!Reflect.defineProperty(owner, name, { ...descriptor, value: watched })) return () => {};
  return () => {
    observing = undefined;
    if (Object.getOwnPropertyDescriptor(owner, name)?.value !== watched) return;
    Reflect.defineProperty(owner, name, { ...descriptor });
  };
}

// Native code throws with the stack of its caller, which would be our frame.
function leaveOut(watched: Method, error: unknown): void {
  if (error instanceof Error && Object.hasOwn(error, 'stack')) captureStackTrace(error, watched);
}
