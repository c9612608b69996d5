// SPDX-License-Identifier: MIT
// Which binaries there are.

const ABIS: Readonly<Record<string, readonly string[]>> = {
  'linux-x64': ['115', '127', '137', '141', '147'],
  'linux-arm64': ['115', '127', '137', '147'],
};

/** The name of a binary in prebuilds/; undefined: there is none. */
export function prebuildFor(platform: string, arch: string, abi: string): string | undefined {
  const target = `${platform}-${arch}`;
  return ABIS[target]?.includes(abi) ? `${target}/tracemalloc.abi${abi}.glibc.node` : undefined;
}

/** The ABI of each supported major version of Node, and the oldest minor version that is supported. */
const NODES: Readonly<Record<string, { readonly abi: string; readonly oldestMinor: number }>> = {
  20: { abi: '115', oldestMinor: 19 },
  22: { abi: '127', oldestMinor: 12 },
  24: { abi: '137', oldestMinor: 0 },
  25: { abi: '141', oldestMinor: 0 },
  26: { abi: '147', oldestMinor: 0 },
};

/** As {@link prebuildFor}, for another Node than the one that runs this, such as `v24.21.0`. */
export function prebuildForNode({
  version,
  platform,
  arch,
}: Record<'version' | 'platform' | 'arch', string>): string | undefined {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const node = NODES[major];
  if (node === undefined || minor < node.oldestMinor) return undefined;
  return prebuildFor(platform, arch, node.abi);
}
