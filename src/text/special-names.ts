// SPDX-License-Identifier: MIT
// Names in parentheses, which no program wrote: what each stands for. docs/report.md has the same
// list, the HTML report shows the explanations as hints.

/** In place of a file, where there is no JavaScript to name; in place of a function; of a type. */
export const SPECIAL_NAMES: Readonly<Record<string, string>> = {
  '(native)': 'allocated by V8 or Node with no JavaScript on the stack',
  '(not attributable)':
    'memory outside the heap that V8 knows of, but not by line: what native code holds, WebAssembly memories, large strings',
  '(no longer live)':
    'what was allocated since the start by stacks that the tracker has removed, since nothing of them was alive',
  '(overflow)': 'stacks for which the table of sites had no room',
  '(buffer)': 'Buffers and ArrayBuffers, where stacks cannot be read',
  '(http body)': 'bodies of HTTP requests and responses that are received',
  '(http2 data)': 'data of HTTP/2 connections',
  '(tls data)': 'data of TLS connections, as it is decrypted or encrypted',
  '(crypto)': 'results of node:crypto',
  '(udp message)': 'UDP messages that are received',
  '(worker message)': 'messages between threads',
  '(file read)': 'data read from files',
  '(socket or pipe data)': 'data that is received from sockets and pipes',
  '(inspector)': 'messages of a debugger',
  '(unknown)': 'a frame without a name',
  '(unresolved)': 'a function that was not named yet when the process ran out of heap',
  '(anonymous)': 'a function without a name; in pprof with the line and column in it',
  '(root)': 'what all stacks of a heapprofile begin with',
  '(no labels)': 'what was allocated outside of label() and of labelled requests',
  '(other)':
    'in OpenTelemetry metrics, sites beyond the first ones; as a label, texts beyond the first ones',
  '(unknown type)':
    'memory whose type is not known: objects that have not been through a garbage collection yet, what track() records, profiles of other tools',
  '(string)': 'strings',
  '(array)': 'elements of arrays and tables of Maps and Sets',
  '(object properties)': 'properties of objects that have many',
  '(closure)': 'functions',
  '(context)': 'variables that closures share',
  '(code)': 'bytecode, machine code and what V8 learns about a function as it runs',
  '(number)': 'numbers that do not fit in a pointer',
  '(bigint)': 'BigInts',
  '(symbol)': 'symbols',
  '(system)': "other objects of V8's own, such as the shapes of objects",
};

/** What a name in parentheses stands for; undefined: it is no such name. */
export function explained(name: string): string | undefined {
  return Object.hasOwn(SPECIAL_NAMES, name) ? SPECIAL_NAMES[name] : undefined;
}
