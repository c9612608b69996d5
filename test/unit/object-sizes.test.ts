// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { DIVISIBLE_INTERVAL, type Group, ObjectSizes } from '../../src/inspector/object-sizes.js';

/** What V8 tells of `samples` samples of a size: it rounds the number of objects. */
function told(size: number, samples: number, interval: number): number {
  const objects = samples / (1 - Math.exp(-size / interval));
  return size * Math.floor(objects + 0.5);
}

const group = (size: number, samples: number, interval: number): Group => ({
  told: told(size, 1, interval),
  samples,
});

const range = (first: number, last: number, step: number) =>
  Array.from({ length: (last - first) / step + 1 }, (_, i) => first + i * step);

describe('the size of objects', () => {
  const interval = DIVISIBLE_INTERVAL;
  const sizes = new ObjectSizes({ interval, word: 8 });
  const inferred = (size: number, samples: number) =>
    sizes.infer([group(size, samples, interval)], told(size, samples, interval))[0];

  it('is certain from one sample, up to 80 bytes', () => {
    for (const size of range(16, 80, 8)) expect(inferred(size, 1)?.size, `${size}`).toBe(size);
  });

  it('is certain from two samples or three, up to 256 bytes', () => {
    for (const size of range(16, 80, 8)) expect(inferred(size, 2)?.size, `${size}`).toBe(size);
    for (const size of range(88, 256, 8)) expect(inferred(size, 3)?.size, `${size}`).toBe(size);
  });

  it.each([
    [4, 0.9],
    [8, 0.97],
    [16, 0.99],
  ])('is right for %d samples in a part of %d of all sizes up to 64 KiB', (samples, part) => {
    const all = [...range(16, 8192, 8), ...range(9000, 65_536, 40)];
    const right = all.filter((size) => inferred(size, samples)?.size === size);
    expect(right.length / all.length).toBeGreaterThanOrEqual(part);
  });

  it('is never inferred too large; bytes are within half an object of the estimate', () => {
    for (const one of [16384, 524_288, interval]) {
      const any = new ObjectSizes({ interval: one, word: 8 });
      for (const size of [...range(16, 4096, 8), ...range(5000, 100_000, 1000)]) {
        for (const samples of [1, 2, 7]) {
          const given = group(size, samples, one);
          const [found] = any.infer([given], told(size, samples, one));
          if (found === undefined) throw new Error('nothing inferred');
          expect(found.size).toBeLessThanOrEqual(size);
          if (found.size !== size) continue;
          const estimate = size / (1 - Math.exp(-size / one));
          expect(Math.abs(found.size * found.weight - estimate)).toBeLessThanOrEqual(size / 2);
        }
      }
    }
  });

  it('is found for several sizes of one stack at once', () => {
    const kinds: [number, number][] = [
      [40, 12],
      [104, 9],
      [24_016, 17],
      [72, 1],
    ];
    const groups = kinds.map(([size, samples]) => group(size, samples, interval));
    const total = kinds.reduce((sum, [size, samples]) => sum + told(size, samples, interval), 0);
    expect(sizes.infer(groups, total).map(({ size }) => size)).toEqual([40, 104, 24_016, 72]);
  });

  it('does not depend on the total making sense', () => {
    const [found] = sizes.infer([group(40, 3, interval)], 1);
    expect(found?.size).toBe(40);
  });

  it('of every allocation sampled is what was told', () => {
    const every = new ObjectSizes({ interval: 1, word: 8 });
    for (const size of range(16, 1024, 8)) {
      expect(every.infer([{ told: size, samples: 5 }], size * 5)).toEqual([
        { size, weight: expect.closeTo(1, 6) },
      ]);
    }
  });

  it('of what no object can have is taken as one object', () => {
    expect(sizes.infer([{ told: 12, samples: 1 }], 12)).toEqual([{ size: 12, weight: 1 }]);
  });
});
