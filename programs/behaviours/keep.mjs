// SPDX-License-Identifier: MIT
// Work for the other programs: allocates, keeps some of it, returns a number.
export function keep(n = 200_000) {
  const kept = [];
  for (let i = 0; i < n; i++) {
    const row = { id: i, text: `row ${i}`, list: [i, i + 1] };
    if (i % 10 === 0) kept.push(row);
  }
  return kept.reduce((sum, { list }) => sum + list[1], 0);
}
