// SPDX-License-Identifier: MIT
// What all copies of this package in a realm share: a bundler may put one into each of its bundles,
// as Next.js does, and a bundle that contains one may run with tracemalloc/register preloaded.

/**
 * Returns the object of that name, which is made by the first copy that asks for it. The name
 * includes the package's version, since copies of different versions may expect different forms.
 */
export function sharedByCopies<T extends object>(name: string, make: () => T): T {
  const key = Symbol.for(`tracemalloc ${name}`);
  const known = (globalThis as { [key: symbol]: T | undefined })[key];
  if (known !== undefined) return known;
  const made = make();
  try {
    Object.defineProperty(globalThis, key, { value: made, configurable: true });
  } catch {
    // The global object is frozen: then each copy has its own.
  }
  return made;
}
