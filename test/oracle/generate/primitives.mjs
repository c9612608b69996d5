// SPDX-License-Identifier: MIT
// Strings, BigInts and numbers have no identity and carry no tag. A function allocates only these,
// at its own places, and is judged by the rows of a snapshot: all its allocations must be reported
// at these places.

/** `body`: the body of a function of `i` that returns the value to keep. */
function rows(body) {
  return (g) => {
    const name = g.name('primitive');
    return { isRows: true, name, declarations: `function ${name}(i) {\n${body(g)}}\n`, body: '' };
  };
}

export const primitives = {
  'string: concatenation in a loop': rows((g) => {
    const s = g.site();
    return `  let s = '';\n  for (let k = 0; k < 6; k++) {\n    s ${s}+= ${s}'abcdefghijklmnopqrst' ${s}+ i;\n  }\n  return s;\n`;
  }),
  'string: concatenation': rows((g) => {
    const s = g.site();
    return `  const n = ${g.pick(['h.clamp(i, 9)', 'near(i)'])};\n  const s =\n    ${s}'abcdefghijklmnopqrst' ${s}+ i;\n  return s;\n`;
  }),
  'string: template': rows((g) => {
    const s = g.site();
    return `  return ${s}\`abcdefghijklmnopqrstuvwxyz\${${s}i}-\${${s}i}\`;\n`;
  }),
  'string: methods': rows((g) => {
    const s = g.site();
    return `  const n = near(i);\n  return ('abcdefghijklmnopqrstuvwxyz').${s}${g.pick(['repeat(2 + (n & 3))', 'slice(1 + (n & 3))', 'padEnd(40 + (n & 3))', "replaceAll('b', 'cdefghijklmnop')"])};\n`;
  }),
  'string: join': rows((g) => {
    const s = g.site();
    return `  return list.${s}join('abcdefghijklmnopqrst');\n`;
  }),
  'string: charAt in a loop': rows((g) => {
    const s = g.site();
    return `  let s = 'abcdefghijklm';\n  if (near(i) > 1e9) return s;\n  for (let k = 0; k < 3; k++)\n    s ${s}+= 'x' ${s}+ s;\n  return s;\n`;
  }),
  'BigInt: sum': rows((g) => {
    const s = g.site();
    return `  const n = near(i);\n  let b = big;\n  for (let k = 0; k < 4; k++) {\n    b = ${s}b ${s}+ big;\n  }\n  return b;\n`;
  }),
  'BigInt: product': rows((g) => {
    const s = g.site();
    return `  if (near(i) > 1e9) return 1n;\n  return (\n    ${s}big ${s}* big\n  );\n`;
  }),
  'BigInt: from a number': rows((g) => {
    const s = g.site();
    return `  const n = h.clamp(i, 9);\n  return ${s}BigInt(i + n);\n`;
  }),
};
