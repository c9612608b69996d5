// SPDX-License-Identifier: MIT
// Observes calls of a native method of Node without a visible change: name, length, the lack of a
// prototype, results, exceptions and their stacks stay the same.
import type { Method } from '../host/call-sites.js';
import { quietly } from '../host/quietly.js';

const { apply } = Reflect;
const { captureStackTrace } = Error;

/** Called at each call of the method; its exceptions are swallowed. */
export interface CallObserver<T> {
  before?(self: T): void;
  /**
   * Called after a call that did not throw; `above` is the function above the application's stack.
   */
  after?(self: T, args: readonly unknown[], above: Method): void;
}

/**
 * Observes `owner[name]`, and returns a function that ends that. If other code has wrapped the
 * method since, the observing function stays in place and only passes calls on.
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
  // Like a native method, a method in this form is not a constructor.
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

// An error thrown by native code has the stack of its caller, which would include our frame.
function leaveOut(watched: Method, error: unknown): void {
  if (error instanceof Error && Object.hasOwn(error, 'stack')) captureStackTrace(error, watched);
}
