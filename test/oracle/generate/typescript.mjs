// SPDX-License-Identifier: MIT
// Classes with decorators, parameter properties and enums, as TypeScript compiles them. With a
// source map the truth is in the source, without one in the compiled text.

/** A separate file; the program calls its exports as `ts.<name>(i, from)`. */
export const typescript = {
  'TypeScript: class decorator': (g) => {
    const [name, run, c, s] = [
      g.name('Decorated'),
      g.name('run'),
      g.call(),
      g.site('told at super()'),
    ];
    return {
      name: run,
      text: `function seen<T extends new (...args: any[]) => object>(base: T) {
  return class extends base {
    constructor(...args: any[]) {
      ${s}super(...args);
    }
  };
}

@seen
class ${name} {
  a: number;
  constructor(public t: number, public from: number, i: number) {
    this.a = i;
  }
}

export function ${run}(i: number, from: number): void {
  const n: number = h.clamp(i, 3);
  keep(${c}new ${name}(${s.tag}, ${c.tag}, n));
}
`,
    };
  },
  'TypeScript: method decorator': (g) => {
    const [name, run, c, d] = [g.name('Logged'), g.name('run'), g.call(), g.call()];
    const [s, b] = [g.site(), g.site('literal in the decorator')];
    const wrapped = g.site('array of arguments');
    return {
      name: run,
      text: `function logged(target: object, key: string, descriptor: PropertyDescriptor): void {
  const original = descriptor.value;
  descriptor.value = function (this: unknown, from: number, i: number): unknown {
    keep(${b}{ t: ${b.tag}, from, key });
    return original.${d}call(this, ${d.tag}, i);
  };
}

class ${name} {
  private readonly kept: number = 3;
  @logged
  work(from: number, i: number): object {
    return ${s}{
      t: ${s.tag},
      from: 0,
      kept: this.kept,
    };
  }
}
const one = new ${name}();

export function ${run}(i: number, from: number): void {
  keep(one.${c}work(${c.tag}, i));
  keep(${wrapped}[${wrapped.tag}, from, h.clamp(i, 4)]);
}
`,
    };
  },
  'TypeScript: accessors, generics, parameter properties': (g) => {
    const [name, run, c, s] = [g.name('Typed'), g.name('run'), g.call(), g.site('new')];
    const l = g.site('literal in a generic function');
    return {
      name: run,
      text: `enum Level { Low, High }
class ${name}<T> {
  constructor(
    readonly t: number,
    readonly from: number,
    private readonly a: T,
    protected b: Level = Level.High,
    public c: number[] = [],
    public d?: string,
  ) {}
  get level(): Level { return this.b; }
}
function wrap<T>(value: T, from: number): { t: number; from: number; value: T } {
  return ${l}{ t: ${l.tag}, from, value };
}

export function ${run}(i: number, from: number): void {
  const n = h.digits(i);
  const made = ${s}new ${name}<number>(${s.tag}, from, n);
  keep(made);
  keep(${c}wrap<Level>(made.level, ${c.tag}));
}
`,
    };
  },
};
