// SPDX-License-Identifier: MIT
// Round marks for the axes of a graph.

const BINARY_STEPS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** From 0 to at least `most` bytes, in at most five steps; each a round number of KiB, MiB or GiB. */
export function byteMarks(most: number): number[] {
  const least = Math.max(1024, most / 5);
  const unit = 1024 ** Math.floor(Math.log(least) / Math.log(1024));
  const steps = BINARY_STEPS.find((step) => step * unit >= least) ?? 1024;
  const count = Math.max(1, Math.ceil(most / (steps * unit)));
  return Array.from({ length: count + 1 }, (_, i) => i * steps * unit);
}

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000] as const;
const TIME_STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 28, 56, 112].map((n) => n * DAY),
];

export interface TimeMark {
  readonly time: number;
  readonly text: string;
}

/** Round local times between two, at most `most`. */
export function timeMarks(from: number, to: number, most: number): TimeMark[] {
  const step = TIME_STEPS.find((each) => (to - from) / each <= most) ?? TIME_STEPS.at(-1)!;
  const offset = new Date(from).getTimezoneOffset() * MINUTE;
  const marks: TimeMark[] = [];
  for (let at = Math.ceil((from - offset) / step) * step + offset; at <= to; at += step) {
    marks.push({ time: at, text: timeText(at, step) });
  }
  return marks;
}

function timeText(time: number, step: number): string {
  const date = new Date(time);
  if (step >= DAY) return date.toLocaleDateString(undefined, { month: 'short', day: 'numeric' });
  const seconds = step < MINUTE ? ({ second: '2-digit' } as const) : {};
  return date.toLocaleTimeString(undefined, { ...CLOCK, ...seconds });
}

const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;

/** The time of day, to the second. */
export function clock(time: number): string {
  return new Date(time).toLocaleTimeString(undefined, { ...CLOCK, second: '2-digit' });
}
