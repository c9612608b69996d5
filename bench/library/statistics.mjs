// SPDX-License-Identifier: MIT
// The few statistics that the parts and the report need.

export function quantile(numbers, q) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)];
  return low + (sorted[Math.ceil(at)] - low) * (at - Math.floor(at));
}

/** Median and quartiles; for fewer than five values, median and extremes. */
export function spread(values) {
  const [low, high] = values.length >= 5 ? [0.25, 0.75] : [0, 1];
  return {
    median: quantile(values, 0.5),
    low: quantile(values, low),
    high: quantile(values, high),
    count: values.length,
  };
}

export const shuffled = (list) =>
  list
    .map((item) => [Math.random(), item])
    .sort((a, b) => a[0] - b[0])
    .map(([, item]) => item);

/** The exponent of a power law through these points, by least squares over logarithms. */
export function slope(points) {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)]);
  const mean = (i) => logs.reduce((sum, point) => sum + point[i], 0) / logs.length;
  const [mx, my] = [mean(0), mean(1)];
  const top = logs.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0);
  return top / logs.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
}
