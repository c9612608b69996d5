// SPDX-License-Identifier: MIT
// Sums the verdicts of many seeds per kind of construct, and shows them.
import { generate } from './generate/program.mjs';
import { LATE } from './judge.mjs';

/** Share of the judged objects. */
const MOST_APPROXIMATE = 0.005;
// A function's strings are all exact or all approximate, so a day's share varies by whole functions.
const STANDARD_ERRORS = 2;

const VERDICTS = ['right', 'column', 'approximate', 'wrong'];

/** The output of run-allocations.mjs in the form of run-generated.mjs's. */
export function ofRows({ seed, kept, judged, right, callersRight, differences, ...blurred }) {
  const { approximate, approximateRight } = blurred;
  const exact = right - approximateRight;
  const line = { right: exact, column: 0, approximate, wrong: judged - approximate - exact };
  const caller = { right: callersRight, column: 0, approximate: 0, wrong: judged - callersRight };
  const kind = 'rows';
  return {
    seed,
    figures: [{ kind, phase: 'all', kept, judged, line, caller }],
    misses: differences.map(([text, count]) => {
      const [, what, at, told] = /^(line|caller) (\d+), told (.*)$/.exec(text);
      const verdict = text.endsWith('(approximate)') ? 'approximate' : 'wrong';
      return { verdict, what, kind, phase: 'all', right: at, told, count };
    }),
  };
}

function isWrong({ misses }) {
  return misses.some(({ verdict }) => verdict === 'wrong');
}

/** The worst misses of a seed, with their source lines. */
export function excerpt({ seed, misses }, only) {
  const wrong = misses.filter(({ verdict }) => verdict === 'wrong');
  let lines;
  const lineAt = (place) => {
    const [file, line] = place.split(':');
    try {
      lines ??= generate(seed, only || undefined).files;
      return lines[file]?.split(/\r\n|[\n\r\u2028\u2029]/)[line - 1]?.trim() ?? '';
    } catch {
      return '';
    }
  };
  return wrong
    .slice(0, 3)
    .map(({ what, kind, phase, right, told, count }) =>
      [
        `  ${kind} (${phase}): ${count} objects, ${what === 'caller' ? "the caller's line" : 'their line'}`,
        `    right ${right}  ${lineAt(right.split(' or ')[0])}`,
        `    told  ${told}  ${lineAt(told)}`,
      ].join('\n'),
    )
    .join('\n');
}

const none = () => Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0]));

function addTo(sum, verdicts) {
  for (const verdict of VERDICTS) sum[verdict] += verdicts[verdict];
}

function counted({ wrong, approximate, column }) {
  return `wrong as exact ${wrong}, approximate ${approximate}, right line with another column ${column}`;
}

export class Figures {
  #kinds = new Map(); // by kind, then by phase
  #passed = 0;
  #failed = 0;
  #bySeed = []; // besides code that was hot before tracing started

  /** @returns whether the seed passed. */
  add(result) {
    const seed = { approximate: 0, judged: 0 };
    this.#bySeed.push(seed);
    for (const { kind, phase, line, caller } of result.figures ?? []) {
      const phases = this.#kinds.get(kind) ?? new Map();
      this.#kinds.set(kind, phases);
      const sum = phases.get(phase) ?? { line: none(), caller: none() };
      phases.set(phase, sum);
      addTo(sum.line, line);
      addTo(sum.caller, caller);
      if (phase === LATE) continue;
      seed.approximate += line.approximate;
      seed.judged += VERDICTS.reduce((n, verdict) => n + line[verdict], 0);
    }
    const isGood = result.failure === undefined && !isWrong(result);
    if (isGood) this.#passed++;
    else this.#failed++;
    return isGood;
  }

  #total(what, isWanted = () => true) {
    const total = none();
    for (const phases of this.#kinds.values()) {
      for (const [phase, sum] of phases) if (isWanted(phase)) addTo(total, sum[what]);
    }
    return { ...total, judged: VERDICTS.reduce((n, verdict) => n + total[verdict], 0) };
  }

  #approximateShare() {
    const { approximate, judged } = this.#total('line', (phase) => phase !== LATE);
    return judged === 0 ? 0 : approximate / judged;
  }

  /** Of that share, from seed to seed; of a single seed it is not known. */
  #standardError() {
    const share = this.#approximateShare();
    const seeds = this.#bySeed;
    const judged = seeds.reduce((sum, seed) => sum + seed.judged, 0);
    if (judged === 0 || seeds.length < 2) return Number.POSITIVE_INFINITY;
    const squares = seeds.reduce((sum, s) => sum + (s.approximate - share * s.judged) ** 2, 0);
    return Math.sqrt((squares * seeds.length) / (seeds.length - 1)) / judged;
  }

  #isTooBlurred() {
    const least = this.#approximateShare() - STANDARD_ERRORS * this.#standardError();
    return least > MOST_APPROXIMATE;
  }

  isGood() {
    return this.#failed === 0 && !this.#isTooBlurred();
  }

  /** For each kind with something wrong or approximate, a line with the numbers of each phase. */
  #kindsInDoubt() {
    const rows = [];
    for (const [kind, phases] of this.#kinds) {
      const parts = [];
      let weight = 0;
      for (const [phase, { line, caller }] of phases) {
        const sum = none();
        addTo(sum, line);
        addTo(sum, caller);
        if (sum.wrong + sum.approximate === 0) continue;
        weight += 1000 * sum.wrong + sum.approximate;
        const judged = VERDICTS.reduce((n, verdict) => n + line[verdict], 0);
        const ofCallers = caller.wrong + caller.approximate > 0 ? ' (callers too)' : '';
        parts.push(
          `${phase}: of ${judged} ${sum.wrong} wrong, ${sum.approximate} approximate${ofCallers}`,
        );
      }
      if (weight > 0) rows.push({ weight, text: `  ${kind}: ${parts.join('; ')}` });
    }
    return rows.sort((a, b) => b.weight - a.weight).map(({ text }) => text);
  }

  /** Ends with the line that .ci/run adds up. */
  report() {
    const sums = ['line', 'caller'].map((what) => {
      const total = this.#total(what);
      return `${what}s: judged ${total.judged}, ${counted(total)}`;
    });
    const late = this.#total('line', (phase) => phase === LATE);
    sums.push(
      `approximate lines, of ${late.judged} ${LATE}: ${late.approximate}; of all others: ${(100 * this.#approximateShare()).toFixed(2)} ± ${(100 * this.#standardError()).toFixed(2)} %`,
    );
    const tooBlurred = this.#isTooBlurred() ? 1 : 0;
    const failed = this.#failed + tooBlurred;
    const passed = this.#passed + 1 - tooBlurred;
    return [
      ...this.#kindsInDoubt(),
      ...sums,
      ` Tests  ${failed > 0 ? `${failed} failed | ` : ''}${passed} passed (${passed + failed})`,
    ].join('\n');
  }
}
