// SPDX-License-Identifier: MIT
// WebAssembly that calls JavaScript that allocates.

// (module (import "m" "f" (func (param i32) (result i32)))
//   (func (export "run") (param i32) (result i32) local.get 0 call 0 drop local.get 0 call 0))
const MODULE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 127, 1, 127, 2, 7, 1, 1, 109, 1, 102, 0, 0, 3, 2, 1,
  0, 7, 7, 1, 3, 114, 117, 110, 0, 1, 10, 13, 1, 11, 0, 32, 0, 16, 0, 26, 32, 0, 16, 0, 11,
];

export const webassembly = {
  'WebAssembly: calls JavaScript': (g) => {
    const name = g.name('wasm');
    return {
      declarations: `const ${name} = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([${MODULE}])), { m: { f(i) {\n  const from = 0;\n  let sum = 0;\n${g.before()}  keep(${g.literal()});\n  return sum | 0;\n} } }).exports;\n`,
      body: `  sum += ${name}.run(i);\n`,
    };
  },
};
