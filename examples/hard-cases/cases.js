// Leaks that mislead other profilers. Each keeps memory on the line that its comment marks; everything
// else that it allocates is garbage.

const kept = [];

function makeRow(id) {
  return new Array(2500).fill(id); // leaks: inlined
}

// The optimizer inlines makeRow() here.
export function inlined(id) {
  kept.push(makeRow(id));
}

// Two allocations in one function, of which only the second is kept.
export function pair(id) {
  const scratch = new Array(2500).fill(id + 1);
  const result = new Array(2500).fill(scratch.length); // leaks: pair
  kept.push(result);
}

// A callback under a builtin.
export function map(id) {
  const ids = [id, id + 1, id + 2, id + 3, id + 4];
  ids.map((n) => {
    const row = new Array(500).fill(n); // leaks: map
    kept.push(row);
    return row.length;
  });
}

const DOCUMENT = JSON.stringify(Array.from({ length: 250 }, (_, n) => ({ n, name: `row ${n}` })));

// Everything is allocated by a builtin that has no line.
export function json() {
  const document = JSON.parse(DOCUMENT); // leaks: json
  kept.push(document);
}

// After an await, the caller is gone from the stack.
export async function asynchronous(id) {
  await null;
  const row = new Array(2500).fill(id); // leaks: asynchronous
  kept.push(row);
}

// The optimizer merges neighbouring allocations into one block: the first dies, the second stays.
let last;
export function folded(id) {
  for (let n = 0; n < 250; n++) {
    const scratch = { id, n, a: n, b: n };
    last = { previous: last, id, n, sum: scratch.a + scratch.b }; // leaks: folded
  }
}
