// A function with every kind of bytecode that allocates by itself, printed by V8 when it is
// compiled. Run with --print-bytecode; argument: the probe addon.
const probe = require(process.argv[2]);

function every(a, b, ...rest) {
  const made = every.keep?.(
    { a, b: 1 },
    [a, 1],
    {},
    [],
    { ...a },
    [...b],
    /x/g,
    () => a,
    `t${a}u${b}`,
    every.tag`q${a}`,
    class {
      m() {}
    },
    -a,
    a * b,
    a + b,
    a[b],
  );
  for (const x of [b]) rest.push(() => x, made);
  try {
    a();
  } catch (error) {
    rest.push(() => error);
  }
  return rest;
}
// Strict code can't have `with`, and a function of many constants is better generated.
const sloppy = Function('return function sloppy() { with ({ p: 1 }) return () => p; }')();
const constants = Array.from({ length: 300 }, (_, i) => `'constant ${i}'`).join();
const many = Function(
  `return function many() { return [arguments, ${constants}, { last: arguments }]; }`,
)();
for (const f of [every, sloppy, many]) {
  try {
    f();
  } catch {}
}
const told = [every, sloppy, many].map((f) => JSON.parse(probe.allocating(f)));
console.log(`\nTOLD ${JSON.stringify(told)}`);
