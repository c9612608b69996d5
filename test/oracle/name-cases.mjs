// SPDX-License-Identifier: MIT
// biome-ignore-all lint/security/noGlobalEval: eval is what is tested
// biome-ignore-all lint/complexity/noCommaOperator: (0, eval) is what is tested
// biome-ignore-all lint/complexity/noStaticOnlyClass: a static member is what is tested
// biome-ignore-all lint/complexity/useArrowFunction: a function expression is what is tested
// biome-ignore-all lint/correctness/noUnusedFunctionParameters: the eval uses them
// Calls a probe from functions and scripts of every kind and prints, for each, the caller's frame
// as the resolver reports it, and as an Error created at the same place does.
//
//   node test/oracle/name-cases.mjs <probe addon>
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';

const require = createRequire(import.meta.url);
const probe = require(process.argv[2]);
const reason = probe.start();
if (reason !== '') throw new Error(`no walker: ${reason}`);

const directory = mkdtempSync(join(tmpdir(), 'tracemalloc names é-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
const cases = {};

let current;
let depth;
/** Called by the code of a case. */
function P() {
  probe.probe();
  const [, ...walked] = JSON.parse(probe.lastStack());
  const prepare = Error.prepareStackTrace;
  Error.prepareStackTrace = (_, sites) =>
    sites.map((site) => ({
      functionName: site.getFunctionName(),
      filename: site.getScriptNameOrSourceURL(),
      line: site.getLineNumber(),
      column: site.getColumnNumber(),
      origin: site.isEval() ? site.getEvalOrigin() : undefined,
    }));
  const [, ...sites] = new Error('here').stack;
  Error.prepareStackTrace = prepare;
  cases[current] = { walked: walked[depth], site: sites[depth] };
}

/** `callers`: the number of frames to skip. */
async function run(name, body, callers = 0) {
  current = name;
  depth = callers;
  await body();
}
function write(name, text) {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}

await run('function', () =>
  (function named() {
    P();
  })(),
);
await run('arrow', () => {
  const arrow = () => {
    P();
  };
  arrow();
});
await run('anonymous', () =>
  (() => {
    P();
  })(),
);
await run('method', () =>
  ({
    method() {
      P();
    },
  }).method(),
);
await run(
  'getter',
  () =>
    ({
      get value() {
        P();
        return 1;
      },
    }).value,
);
await run('class member', () =>
  new (class Store {
    save() {
      P();
    }
  })().save(),
);
await run('static member', () =>
  class Store {
    static open() {
      P();
    }
  }.open(),
);
await run('private member', () =>
  new (class Store {
    #hide() {
      P();
    }
    go() {
      this.#hide();
    }
  })().go(),
);
await run(
  'constructor',
  () =>
    new (class Store {
      constructor() {
        P();
      }
    })(),
);
await run('anonymous class in an object', () => ({
  made: new (class {
    constructor() {
      P();
    }
  })(),
}));
await run('anonymous derived class in a spread', () => {
  const o = {
    size: [
      ...new (class extends Set {
        constructor(values) {
          super(values);
          P();
        }
      })([1]),
    ].length,
  };
  return o;
});
await run('anonymous class assigned to a property', () => {
  const o = { a: {} };
  o.a.made = class {
    constructor() {
      P();
    }
  };
  new o.a.made();
});
await run('anonymous class as a property', () => {
  const o = {
    made: class {
      constructor() {
        P();
      }
    },
  };
  new o.made();
});
await run('anonymous class in a variable', () => {
  const Made = class {
    constructor() {
      P();
    }
  };
  new Made();
});
await run(
  'field of an anonymous class',
  () => ({
    made: new (class {
      field = P();
    })(),
  }),
  1,
);
await run('anonymous class with private and static members', () => ({
  made: new (class {
    static count = 0;
    #kept = 1;
    constructor() {
      P();
      this.kept = this.#kept;
    }
  })(),
}));
await run('anonymous class in a call', () =>
  ((Made) => new Made())(
    class {
      constructor() {
        P();
      }
    },
  ),
);
await run('named class in an object', () => ({
  made: new (class Named {
    constructor() {
      P();
    }
  })(),
}));
await run('inferred', () => {
  const o = {};
  o.handler = () => {
    P();
  };
  o.handler();
});
await run('async', () =>
  (async function load() {
    await null;
    P();
  })(),
);
await run('async generator', async () => {
  for await (const _ of (async function* pages() {
    P();
    yield 1;
  })());
});
await run('generator', () => [
  ...(function* steps() {
    P();
    yield 1;
  })(),
]);
await run('computed', () => {
  const key = 'later';
  ({
    [key]() {
      P();
    },
  }).later();
});

await run('commonjs', () => require(write('common é.cjs', 'module.exports = (P) => { P(); };'))(P));
await run('esm', async () =>
  (
    await import(
      pathToFileURL(write('module é.mjs', 'export default function main(P) {\n  P();\n}')).href
    )
  ).default(P),
);
await run('data', async () =>
  (await import('data:text/javascript,export default (P) => { P(); }')).default(P),
);
await run('long data', async () =>
  (
    await import(`data:text/javascript,/*${'x'.repeat(500)}*/export default (P) => { P(); }`)
  ).default(P),
);
await run(
  'internal',
  () =>
    new EventEmitter()
      .on('x', () => {
        P();
      })
      .emit('x'),
  1,
);
if (process.features.typescript === 'strip') {
  const text =
    'type Probe = () => void;\n\nexport function typed<T>(P: Probe, kept?: T): void { P(); }';
  await run('type-stripped', async () =>
    (await import(pathToFileURL(write('typed.mts', text)).href)).typed(P),
  );
}
await run('eval', () =>
  (function host(P) {
    eval('\n  P();');
  })(P),
);
await run('nested eval', () =>
  (function host(P) {
    eval("eval('P()')");
  })(P),
);
await run('indirect eval', () =>
  (function host(P) {
    (0, eval)('(function inner(P) { P(); })')(P);
  })(P),
);
await run('new Function', () =>
  (function host(P) {
    new Function('P', 'P()')(P);
  })(P),
);
await run('sourceURL', () =>
  (function host(P) {
    eval('P() //# source' + 'URL=named.js');
  })(P),
);
await run('vm', () =>
  vm.runInThisContext('(function inner(P) { P(); })', {
    filename: 'placed.js',
    lineOffset: 10,
    columnOffset: 7,
  })(P),
);
await run('vm second line', () =>
  vm.runInThisContext('(function inner(P) {\n P(); })', {
    filename: 'placed.js',
    lineOffset: 10,
    columnOffset: 7,
  })(P),
);
await run('vm other context', () =>
  vm.runInNewContext('(function inner(P) { P(); })', {}, 'other.js')(P),
);
await run('compileFunction', () =>
  vm.compileFunction('\n\n P();', ['P'], {
    filename: 'compiled.js',
    lineOffset: 3,
    columnOffset: 2,
  })(P),
);
await run('code cache', () => {
  const text = '\r\n(function cached(P) { \r\n P(); })';
  const cachedData = new vm.Script(text, { filename: 'cached.js' }).createCachedData();
  const script = new vm.Script(text, { filename: 'cached.js', cachedData });
  if (script.cachedDataRejected) throw new Error('the code cache was not used');
  script.runInThisContext()(P);
});
for (const [name, end] of Object.entries({
  LF: '\n',
  CRLF: '\r\n',
  CR: '\r',
  LS: '\u2028',
  PS: '\u2029',
  'CR CRLF': '\r\r\n',
  mixed: '\n\r\u2028',
})) {
  await run(`line ends ${name}`, () =>
    vm.runInThisContext(`/*中*/${end}(function inner(P) {${end}${end}  P();${end}})`, {
      filename: 'ends.js',
    })(P),
  );
}
// Longer than the pieces in which the resolver reads a text, with a CRLF across the end of one.
for (const length of [8190, 8191, 8192, 8193]) {
  await run(`piece ${length}`, () =>
    vm.runInThisContext(`${' '.repeat(length)}\r\n(function inner(P) {\r\n  P(); })`, {
      filename: 'long.js',
    })(P),
  );
}
console.log(JSON.stringify({ directory, cases }));
