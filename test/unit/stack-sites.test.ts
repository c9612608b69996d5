// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { SPARE_SITES, StackSites } from '../../src/domains/stack-sites.js';

interface Site {
  live: number;
  total: number;
}

const sites = () =>
  new StackSites<Site>({
    isLive: ({ live }) => live > 0,
    restOf: () => 'rest',
    fold: (site, rest = { live: 0, total: 0 }) => {
      rest.total += site.total;
      return rest;
    },
  });

const values = (of: StackSites<Site>) => [...of.values()];
const total = (of: StackSites<Site>) => values(of).reduce((sum, site) => sum + site.total, 0);

test('sites without live memory are bounded over many generations, and no total is lost', () => {
  const tested = sites();
  let most = 0;
  for (let i = 0; i < 100_000; i++) {
    tested.get(`site ${i}`, () => ({ live: 0, total: 0 })).total += 1;
    if (i % 1000 === 0) most = Math.max(most, values(tested).length);
  }
  expect(most).toBeLessThanOrEqual(2 * SPARE_SITES);
  expect(total(tested)).toBe(100_000);
});

test('live sites stay, as the same objects, and so do sites that are requested again', () => {
  const tested = sites();
  const living = Array.from({ length: 6000 }, (_, i) =>
    tested.get(`live ${i}`, () => ({ live: 1, total: 1 })),
  );
  const asked = tested.get('asked', () => ({ live: 0, total: 1 }));
  for (let i = 0; i < 50_000; i++) {
    tested.get(`site ${i}`, () => ({ live: 0, total: 1 }));
    if (tested.get('asked', () => ({ live: 0, total: 0 })) !== asked) expect.unreachable(`${i}`);
  }
  for (const [i, site] of living.entries()) {
    const now = tested.get(`live ${i}`, () => ({ live: 0, total: 0 }));
    if (now !== site) expect.unreachable(`${i}`);
  }
  expect(values(tested).length).toBeLessThan(6000 + 2 * SPARE_SITES);
  expect(total(tested)).toBe(56_001);
});

test('a new site is not removed before it is used', () => {
  const tested = sites();
  for (let i = 0; i < 3 * SPARE_SITES; i++) {
    const made = tested.get(`site ${i}`, () => ({ live: 0, total: 1 }));
    if (i % SPARE_SITES > 2) continue; // the search is linear
    expect(values(tested).includes(made)).toBe(true);
  }
});
