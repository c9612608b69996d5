// SPDX-License-Identifier: MIT
// Estimates are unbiased within their own error, also if the interval adapts.
import { expect, test } from 'vitest';
import { ByteSampler, sampleVariance, sampleWeight } from '../../src/streams/byte-sampler.js';

function estimate(sampler: ByteSampler, sizes: Iterable<number>) {
  const sums = { truth: 0, size: 0, variance: 0, samples: 0 };
  for (const size of sizes) {
    sums.truth += size;
    const weight = sampler.pick(size);
    if (weight === undefined) continue;
    sums.size += size * weight;
    sums.variance += sampleVariance(size, weight);
    sums.samples += 1;
  }
  return sums;
}

test('sums are right within five standard errors, for any seed', () => {
  for (let seed = 0; seed < 50; seed++) {
    const sizes = Array.from({ length: 300 }, (_, i) => 1000 * (1 + (i % 300)));
    const { truth, size, variance } = estimate(new ByteSampler(512 * 1024, seed), sizes);
    expect(Math.abs(size - truth), `seed ${seed}`).toBeLessThan(5 * Math.sqrt(variance));
  }
});

test('the mean over seeds has no bias, and the stated errors are the observed ones', () => {
  let [difference, squares, variances] = [0, 0, 0];
  const runs = 400;
  for (let seed = 0; seed < runs; seed++) {
    const sizes = Array.from({ length: 100 }, () => 284_672);
    const { truth, size, variance } = estimate(new ByteSampler(512 * 1024, 7919 * seed), sizes);
    difference += size - truth;
    squares += (size - truth) ** 2;
    variances += variance;
  }
  expect(Math.abs(difference / runs)).toBeLessThan(5 * Math.sqrt(variances / runs / runs));
  // The variance of a variance over 400 runs is twice its square by 400: a standard error of 7 %,
  // of which five are allowed.
  expect(Math.abs(squares / variances - 1)).toBeLessThan(5 * Math.sqrt(2 / runs));
});

test('more samples a second than the budget raise the interval; estimates stay right', () => {
  const sampler = new ByteSampler(512 * 1024, 1);
  const { truth, size, variance, samples } = estimate(
    sampler,
    Array.from({ length: 20_000 }, () => 5_242_880),
  );
  // 200 for each doubling of the interval, until these bytes have no more samples; and 200 for each
  // second that this may take.
  expect(samples).toBeLessThan(5000);
  expect(Math.abs(size - truth)).toBeLessThan(5 * Math.sqrt(variance));
});

test('a shorter interval gives more samples', () => {
  const interval = 8192;
  const { truth, samples } = estimate(new ByteSampler(interval, 1), Array(6000).fill(2048));
  const expected = (truth / 2048) * -Math.expm1(-2048 / interval);
  expect(Math.abs(samples - expected)).toBeLessThan(5 * Math.sqrt(expected));
});

test('an interval of 1 picks everything, without error; size 0 is never picked', () => {
  const sampler = new ByteSampler(1, 1);
  const { truth, size, variance, samples } = estimate(sampler, Array(1000).fill(10));
  expect([size, variance, samples]).toEqual([truth, 0, 1000]);
  expect(sampler.pick(0)).toBeUndefined();
  expect(sampleWeight(Number.MAX_VALUE, 1e6)).toBe(1);
});
