// SPDX-License-Identifier: MIT
// Sums what the judges of many seeds say, per kind of construct, and shows it.
import { generate } from './generate/program.mjs';

/** Of what is told. */
const MOST_APPROXIMATE = 0.005;

const VERDICTS = ['right', 'column', 'approximate', 'wrong'];

/** What run-allocations.mjs prints, as run-generated.mjs would. */
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

/** The worst misses of a seed with the lines in question. */
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

export class Figures {
  #kinds = new Map();
  #passed = 0;
  #failed = 0;

  /** @returns whether the seed passed. */
  add(result) {
    for (const { kind, phase, kept, judged, line, caller } of result.figures ?? []) {
      const key = `${kind} (${phase})`;
      const sum = this.#kinds.get(key) ?? { kept: 0, judged: 0, line: {}, caller: {} };
      this.#kinds.set(key, sum);
      sum.kept += kept;
      sum.judged += judged;
      for (const verdict of VERDICTS) {
        sum.line[verdict] = (sum.line[verdict] ?? 0) + line[verdict];
        sum.caller[verdict] = (sum.caller[verdict] ?? 0) + caller[verdict];
      }
    }
    const isGood = result.failure === undefined && !isWrong(result);
    if (isGood) this.#passed++;
    else this.#failed++;
    return isGood;
  }

  #total(what) {
    const total = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0]));
    for (const sum of this.#kinds.values()) {
      for (const verdict of VERDICTS) total[verdict] += sum[what][verdict];
    }
    return { ...total, judged: VERDICTS.reduce((n, verdict) => n + total[verdict], 0) };
  }

  #approximateShare() {
    const { approximate, judged } = this.#total('line');
    return judged === 0 ? 0 : approximate / judged;
  }

  isGood() {
    return this.#failed === 0 && this.#approximateShare() <= MOST_APPROXIMATE;
  }

  /** Kinds that are not all right, and the sums. The last line is one that .ci/run adds up. */
  report() {
    const rows = [...this.#kinds]
      .filter(([, { line, caller }]) =>
        VERDICTS.slice(1).some((verdict) => line[verdict] + caller[verdict] > 0),
      )
      .sort(([, a], [, b]) => b.line.wrong + b.caller.wrong - a.line.wrong - a.caller.wrong)
      .map(
        ([kind, { judged, line, caller }]) =>
          `  ${kind}: judged ${judged}, wrong ${line.wrong}, approximate ${line.approximate}, column ${line.column}; callers: wrong ${caller.wrong}, approximate ${caller.approximate}, column ${caller.column}`,
      );
    const sums = ['line', 'caller'].map((what) => {
      const { judged, wrong, approximate, column } = this.#total(what);
      const share = judged === 0 ? 0 : (100 * approximate) / judged;
      return `${what}s: judged ${judged}, wrong as exact ${wrong}, approximate ${approximate} (${share.toFixed(2)} %), right line with another column ${column}`;
    });
    const tooBlurred = this.#approximateShare() > MOST_APPROXIMATE ? 1 : 0;
    const failed = this.#failed + tooBlurred;
    const passed = this.#passed + 1 - tooBlurred;
    return [
      ...rows,
      ...sums,
      ` Tests  ${failed > 0 ? `${failed} failed | ` : ''}${passed} passed (${passed + failed})`,
    ].join('\n');
  }
}
