// SPDX-License-Identifier: MIT
// The module with side effects on import, for --require, --import, NODE_OPTIONS, or a service's first
// line. It looks whether tracing is wanted before it loads anything: where not, it costs nothing.
const { createRequire } = process.getBuiltinModule('node:module');

const wanted = process.env['TRACEMALLOC']?.trim();

// Not import(): a service's own first line must not run before.
if (wanted && wanted !== '0') createRequire(import.meta.url)('./service/begin.js');
