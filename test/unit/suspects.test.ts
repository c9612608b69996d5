// SPDX-License-Identifier: MIT
// The test for growth with histories whose truth is known, sampled as by the sampler.
import { expect, test } from 'vitest';
import { BLOCKS, type Suspicion, THRESHOLD, Trend } from '../../src/report/suspects.js';
import { generator, poisson } from '../support/random.js';

const MB = 1e6;
const INTERVAL = 524_288;
const MINUTE = 60_000;

interface Step {
  /** True bytes born and died since the previous report. */
  born: number;
  died: number;
  /** Bytes born, too, that never die. */
  leaked?: number;
}

interface ReportOptions {
  collected?: boolean;
  oldestDie?: boolean;
  heap?: number | undefined;
}

/** A site of small objects: births and deaths of its samples are a Poisson process of its bytes. */
class SampledSite {
  readonly trend = new Trend();
  readonly #random: () => number;
  readonly #knowsAges: boolean;
  #mortal = 0; // bytes
  // The number of the report of each birth.
  #samples: number[] = [];
  #leaked: number[] = [];
  #born = 0;
  #reports = 0;
  #fullCollections = 0;

  constructor(seed: number, { knowsAges = true } = {}) {
    this.#random = generator(seed);
    this.#knowsAges = knowsAges;
  }

  /**
   * Collects the whole heap before the report, unless `collected` is false.
   *
   * @param step
   * @param options - `heap`: what the collection left of it, of this and all other sites.
   */
  report(
    { born, died, leaked = 0 }: Step,
    { collected = true, oldestDie = false, heap }: ReportOptions = {},
  ) {
    // Each live sample dies with the probability of the share of bytes that die.
    const share = this.#mortal > 0 ? Math.min(1, died / this.#mortal) : 0;
    this.#samples = oldestDie
      ? this.#samples.slice(Math.round(share * this.#samples.length))
      : this.#samples.filter(() => this.#random() >= share);
    this.#mortal += born - Math.min(died, this.#mortal);
    this.#reports++;
    for (const [bytes, samples] of [
      [born, this.#samples],
      [leaked, this.#leaked],
    ] as const) {
      const births = poisson(bytes / INTERVAL, this.#random);
      for (let i = 0; i < births; i++) samples.push(this.#reports);
      this.#born += births;
    }
    if (collected) this.#fullCollections++;
    const all = [...this.#samples, ...this.#leaked];
    this.trend.observe(
      {
        time: this.#reports * MINUTE,
        size: all.length * INTERVAL,
        count: all.length * 1000,
        coarsestInterval: INTERVAL,
        variance: all.length * INTERVAL ** 2,
        allocatedSize: this.#born * INTERVAL,
        fullCollections: this.#fullCollections,
        heapAfterCollection: heap,
        ageMark: this.#reports,
      },
      (mark) => {
        const elders = all.filter((at) => at <= mark).length;
        if (!this.#knowsAges) return undefined;
        return { size: elders * INTERVAL, variance: elders * INTERVAL ** 2 };
      },
    );
    return this.trend.suspicion;
  }

  /** A report after which the size is `bytes`. */
  resize(bytes: number, { turnover = 0, heap }: { turnover?: number; heap?: number } = {}) {
    const died = Math.max(turnover * this.#mortal, this.#mortal - bytes);
    return this.report({ born: Math.max(0, bytes - this.#mortal + died), died }, { heap });
  }
}

/** Number of times that a site newly becomes a suspect. */
function falseAlarms(
  sites: number,
  reports: number,
  next: (site: SampledSite, random: () => number, step: number) => void,
) {
  let alarms = 0;
  for (let i = 0; i < sites; i++) {
    const site = new SampledSite(i + 1);
    const random = generator(1e6 + i);
    let before: string | undefined;
    for (let step = 0; step < reports; step++) {
      next(site, random, step);
      const state = site.trend.suspicion?.state;
      if (state === 'growing' && before !== 'growing') alarms++;
      before = state;
    }
  }
  return alarms;
}

const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));

test('constant sites, which only sampling moves, cause no more false alarms than the bound', () => {
  // Floors of a stationary site are exchangeable: only one of 6! orders rises, whatever the values.
  // The order is independent of the range, which exceeds 4 errors with at most the probability that
  // one of the 15 pairs is so far apart, in either direction: 30 times the normal tail.
  const tail = 3.17e-5; // of the normal distribution beyond THRESHOLD
  expect(THRESHOLD).toBe(4);
  const bound = (BLOCKS * (BLOCKS - 1) * tail) / factorial(BLOCKS);
  const [sites, reports] = [2000, 200];
  const alarms = falseAlarms(sites, reports, (site, random) =>
    site.resize(20 * MB, { turnover: 0.9 + 0.1 * random() }),
  );
  console.log(
    `stationary: ${alarms} alarms in ${sites} sites of ${reports} reports; bound ${(bound * sites * reports).toFixed(2)}`,
  );
  // There are fewer tests than reports; a Poisson count of mean 0.53 exceeds 4 once in 5000.
  expect(alarms).toBeLessThanOrEqual(4);
});

test('sites of random size at each report cause false alarms in at most one of 6! orders', () => {
  const [sites, reports] = [1000, 200];
  const alarms = falseAlarms(sites, reports, (site, random) =>
    site.resize((50 + 100 * random()) * MB, { turnover: 1 }),
  );
  const tests = sites * reports;
  const bound = tests / factorial(BLOCKS);
  console.log(`random size: ${alarms} alarms in at most ${tests} tests; bound ${bound.toFixed(0)}`);
  expect(alarms).toBeLessThan(bound);
});

test('no more do sites whose heap is known, be it of constant or random size, all of it or a part', () => {
  const [sites, reports] = [500, 200];
  const size = (random: () => number) => (5 + 10 * random()) * MB;
  const alarms = {
    'constant, turns over slowly, in a heap that varies': falseAlarms(
      sites,
      reports,
      (site, random) => site.resize(20 * MB, { turnover: 0.05, heap: (100 + 5 * random()) * MB }),
    ),
    'random, and all that changes in the heap': falseAlarms(sites, reports, (site, random) => {
      const bytes = size(random);
      site.resize(bytes, { turnover: 1, heap: 100 * MB + bytes });
    }),
  };
  console.log('in a heap that is known:', alarms);
  // As above: one of 6! orders of the heap's sizes rises.
  for (const [what, count] of Object.entries(alarms))
    expect([what, count < (sites * reports) / factorial(BLOCKS) / 10]).toEqual([what, true]);
});

test('nor does a constant site in a heap that grows by something else', () => {
  const growing = (bytes: number, turnover: number) => {
    const minutes = new WeakMap<SampledSite, number>();
    return falseAlarms(500, 400, (site) => {
      const minute = (minutes.get(site) ?? 0) + 1;
      minutes.set(site, minute);
      return site.resize(bytes, { turnover, heap: (100 + 0.5 * minute) * MB });
    });
  };
  const alarms = { large: growing(20 * MB, 0.05), busy: growing(5 * MB, 0.3) };
  console.log('in a heap that grows:', alarms);
  expect(alarms).toEqual({ large: 0, busy: 0 });
});

const minuteOfAlarm = (reports: number, next: (minute: number) => Suspicion | undefined) => {
  for (let minute = 0; minute < reports; minute++) {
    if (next(minute)?.state === 'growing') return minute;
  }
  return Number.POSITIVE_INFINITY;
};

const firstAlarm = (seed: number, reports: number, sizeAt: (minute: number) => number) => {
  const site = new SampledSite(seed);
  return minuteOfAlarm(reports, (minute) => site.resize(sizeAt(minute)));
};
const SEEDS = Array.from({ length: 50 }, (_, i) => i + 1);
const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[numbers.length >> 1] as number;

test('fast leaks are found in minutes, slow ones in hours, and also late and large ones', () => {
  const found = {
    'from the start, 10 MB a minute': SEEDS.map((seed) =>
      firstAlarm(seed, 240, (t) => 10 * t * MB),
    ),
    'from the start, 1 MB a minute': SEEDS.map((seed) => firstAlarm(seed, 240, (t) => t * MB)),
    'in 500 MB that stay, 2 MB a minute': SEEDS.map((seed) =>
      firstAlarm(seed, 240, (t) => (500 + 2 * t) * MB),
    ),
    'after a day, 10 MB a minute': SEEDS.map(
      (seed) => firstAlarm(seed, 1680, (t) => (100 + 10 * Math.max(0, t - 1440)) * MB) - 1440,
    ),
    'beside 50 MB, of which a third turns over each minute, 10 MB a minute': SEEDS.map((seed) => {
      const site = new SampledSite(seed);
      site.report({ born: 50 * MB, died: 0 });
      return minuteOfAlarm(240, () =>
        site.report({ born: 16.7 * MB, died: 16.7 * MB, leaked: 10 * MB }),
      );
    }),
  };
  const minutes = Object.entries(found).map(
    ([what, all]) => [what, median(all), Math.max(...all)] as const,
  );
  for (const [what, half, all] of minutes)
    console.log(`${what}: half named after ${half} min, all after ${all}`);
  for (const [what, , all] of minutes) expect([what, all < 240]).toEqual([what, true]);
  expect(minutes[0]?.[1]).toBeLessThanOrEqual(8);
});

test('half a megabyte a minute is named in twelve, since the heap grows by it, however few samples', () => {
  const minutes = (heapOf: (minute: number) => number | undefined) =>
    SEEDS.map((seed) => {
      const site = new SampledSite(seed);
      return minuteOfAlarm(60, (minute) =>
        site.report({ born: 0, died: 0, leaked: 0.5 * MB }, { heap: heapOf(minute) }),
      );
    });
  const inTwelve = (all: number[]) => all.filter((minute) => minute < 12).length;
  const known = inTwelve(minutes((minute) => (50 + 0.5 * minute) * MB));
  const unknown = inTwelve(minutes(() => undefined));
  console.log(`named in twelve minutes: ${known} of ${SEEDS.length}; heap unknown: ${unknown}`);
  expect(known).toBeGreaterThan(0.35 * SEEDS.length);
  expect(unknown).toBeLessThan(0.2 * SEEDS.length);
});

test('a periodic size is no growth once the history is longer than the period', () => {
  for (const period of [2, 3, 5, 8, 15, 30]) {
    const alarmsLater = SEEDS.map((seed) => {
      const site = new SampledSite(seed);
      let alarms = 0;
      for (let minute = 0; minute < 600; minute++) {
        const state = site.resize((20 + (80 * (minute % period)) / period) * MB)?.state;
        if (minute > 4 * period && state === 'growing') alarms++;
      }
      return alarms;
    });
    expect([period, Math.max(...alarmsLater)]).toEqual([period, 0]);
  }
});

test('uncollected garbage is no growth, however rare collections are', () => {
  for (const period of [4, 10, 40, 1000]) {
    let alarms = 0;
    for (const seed of SEEDS) {
      const site = new SampledSite(seed);
      for (let minute = 0; minute < 300; minute++) {
        const collected = minute % period === 0;
        const died = collected ? 8 * period * MB : 0;
        if (site.report({ born: 8 * MB, died }, { collected }) !== undefined) alarms++;
      }
    }
    expect([period, alarms]).toEqual([period, 0]);
  }
});

test('rising traffic is no leak: its memory grows, but all of it is new', () => {
  // Sessions of ten minutes, at a rate that rises throughout. The first two hours do not count.
  const rate = (minute: number) => (5 + minute / 20) * MB;
  const isNamed = (seed: number, knowsAges: boolean) => {
    const site = new SampledSite(seed, { knowsAges });
    let named = false;
    for (let minute = 0; minute < 600; minute++) {
      const died = minute < 10 ? 0 : rate(minute - 10);
      const suspicion = site.report({ born: rate(minute), died }, { oldestDie: true });
      named ||= minute > 120 && suspicion?.state === 'growing';
    }
    return named;
  };
  const named = (knowsAges: boolean) => SEEDS.filter((seed) => isNamed(seed, knowsAges));
  const [without, withAges] = [named(false).length, named(true).length];
  console.log(
    `rising traffic: ${withAges} of ${SEEDS.length} sites named, ${without} without ages`,
  );
  expect(withAges).toBe(0);
  expect(without).toBeGreaterThan(SEEDS.length / 2);
});

test('a growing array is a suspect although it is always new, since each growth reallocates it', () => {
  const trend = new Trend();
  for (let minute = 1; minute <= 6; minute++) {
    const size = 100 * minute * MB;
    const facts = { time: minute * MINUTE, fullCollections: minute, ageMark: minute };
    trend.observe(
      {
        ...facts,
        size,
        count: 1,
        coarsestInterval: INTERVAL,
        variance: 0,
        allocatedSize: size * minute,
      },
      () => ({ size: 0, variance: 0 }),
    );
  }
  expect(trend.suspicion?.state).toBe('growing');
});

test('a cache that has filled up is no suspect; one that was a suspect becomes flat', () => {
  for (const filling of [1, 2, 20, 60]) {
    let named = 0;
    for (const seed of SEEDS) {
      const site = new SampledSite(seed);
      const states = new Set<string | undefined>();
      for (let minute = 0; minute < 400; minute++) {
        const state = site.resize(100 * MB * (1 - Math.exp(-minute / filling)), {
          turnover: 0.01,
        })?.state;
        states.add(state);
        // The growth of the last percent is too small to detect.
        if (minute > 8 * filling + 100)
          expect([filling, minute, state]).not.toEqual([filling, minute, 'growing']);
      }
      if (states.has('growing')) {
        named++;
        expect(states).toContain('flat');
      }
    }
    console.log(
      `cache, time constant ${filling} min: ${named} of ${SEEDS.length} named while it filled`,
    );
    if (filling === 1) expect(named).toBe(0);
  }
});

test('a flat suspect is finally no suspect any more', () => {
  const site = new SampledSite(7);
  const states: (string | undefined)[] = [];
  for (let minute = 0; minute < 700; minute++) {
    const state = site.resize(10 * Math.min(minute, 60) * MB)?.state;
    if (states.at(-1) !== state || minute === 0) states.push(state);
  }
  expect(states).toEqual([undefined, 'growing', 'flat', undefined]);
});

test('samples of a coarser interval that stay do not hide a leak', () => {
  // 20 MB from a start with much traffic, then half a megabyte of a leak in each report.
  const [coarse, fine] = [4_194_304, 65_536];
  const reports = SEEDS.map((seed) => {
    const random = generator(seed);
    const trend = new Trend();
    const births: number[] = [];
    return minuteOfAlarm(60, (minute) => {
      for (let i = poisson(MB / 2 / fine, random); i > 0; i--) births.push(minute);
      const with20MB = (leaked: number) => ({
        size: 20 * MB + leaked * fine,
        variance: 20 * MB * coarse + leaked * fine ** 2,
      });
      trend.observe(
        {
          ...with20MB(births.length),
          time: minute * MINUTE,
          count: births.length * 1000,
          coarsestInterval: coarse,
          // Ten megabytes of garbage between two reports.
          allocatedSize: 20 * MB + births.length * fine + minute * 10 * MB,
          fullCollections: minute,
          ageMark: minute,
        },
        (mark) => with20MB(births.filter((at) => at <= mark).length),
      );
      return trend.suspicion;
    });
  });
  console.log(
    `beside a coarser start: half named after ${median(reports)} min, all after ${Math.max(...reports)}`,
  );
  expect(Math.max(...reports)).toBeLessThanOrEqual(12);
});

test('if the engine does not know the allocated bytes, the variances decide', () => {
  const trend = new Trend();
  for (let minute = 0; minute < 6; minute++) {
    const samples = 20 * (minute + 1);
    trend.observe({
      time: minute * MINUTE,
      size: samples * INTERVAL,
      count: samples,
      coarsestInterval: INTERVAL,
      variance: samples * INTERVAL ** 2,
      allocatedSize: Number.NaN,
      fullCollections: minute,
    });
  }
  expect(trend.suspicion).toEqual({
    state: 'growing',
    since: 5 * MINUTE,
    bytesPerHour: 20 * 60 * INTERVAL,
  });
});
