// SPDX-License-Identifier: MIT
// For scripts/test-matrix.mjs --arch: tests run on this machine's Node, their child processes on the
// same version for another architecture, under qemu. Those can't start a Node in turn.
import { ensureNodes } from '../../scripts/nodes.mjs';
import { ARCH } from './target.js';

if (ARCH !== process.arch) {
  const [node] = ensureNodes({ arch: ARCH as 'arm64', wanted: [process.versions.node] });
  if (node === undefined) throw new Error(`there is no Node ${process.version} for ${ARCH}`);
  process.execPath = node.executable;
}
