// SPDX-License-Identifier: MIT
import { createRequire } from 'node:module';

const { platform, arch, versions } = process;

/** The addon itself, for programs that use it without the package. */
export const addon = createRequire(import.meta.url)(
  `../../prebuilds/${platform}-${arch}/tracemalloc.abi${versions.modules}.glibc.node`,
);
