// SPDX-License-Identifier: MIT
// Parses and prints documents of about 12 kB, as most services do all day.
const text = JSON.stringify({
  users: Array.from({ length: 60 }, (_, id) => ({
    id,
    name: `user-${id}`,
    email: `user-${id}@example.org`,
    tags: ['a', 'b', 'c'],
    address: { street: `Street ${id}`, zip: 10000 + id, geo: [id * 1.5, id * 2.5] },
  })),
});

export function run() {
  let bytes = 0;
  for (let i = 0; i < 15_000; i++) bytes += JSON.stringify(JSON.parse(text)).length;
  return bytes;
}
