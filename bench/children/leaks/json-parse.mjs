// SPDX-License-Identifier: MIT
// Results of JSON.parse, a builtin, which has no line of its own.
export const calls = 600;
const text = JSON.stringify(
  Array.from({ length: 250 }, (_, id) => ({
    id,
    name: `user ${id}`,
    tags: ['a', 'b'],
    score: 0.5,
  })),
);
let results = [];

export function leak() {
  results.push(JSON.parse(text)); // leaks
}

export function forget() {
  results = [];
}
