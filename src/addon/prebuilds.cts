// SPDX-License-Identifier: MIT
// The binaries by platform, architecture and ABI. CommonJS, and each path written out: this is the
// form in which bundlers and file tracers see native addons.
const prebuilds: Readonly<Record<string, () => unknown>> = {
  'linux-x64-115': () => require('../../prebuilds/linux-x64/tracemalloc.abi115.glibc.node'),
  'linux-x64-127': () => require('../../prebuilds/linux-x64/tracemalloc.abi127.glibc.node'),
  'linux-x64-137': () => require('../../prebuilds/linux-x64/tracemalloc.abi137.glibc.node'),
  'linux-x64-141': () => require('../../prebuilds/linux-x64/tracemalloc.abi141.glibc.node'),
  'linux-x64-147': () => require('../../prebuilds/linux-x64/tracemalloc.abi147.glibc.node'),
  'linux-arm64-115': () => require('../../prebuilds/linux-arm64/tracemalloc.abi115.glibc.node'),
  'linux-arm64-127': () => require('../../prebuilds/linux-arm64/tracemalloc.abi127.glibc.node'),
  'linux-arm64-137': () => require('../../prebuilds/linux-arm64/tracemalloc.abi137.glibc.node'),
  'linux-arm64-147': () => require('../../prebuilds/linux-arm64/tracemalloc.abi147.glibc.node'),
};
export = prebuilds;
