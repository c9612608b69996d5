// SPDX-License-Identifier: MIT
// Which addresses and names are this machine's own, without looking anything up.

/** @param address - of a socket: `127.0.0.1`, `::1`, `::ffff:127.0.0.1`. */
export function isLoopback(address: string): boolean {
  const { isIPv4 } = process.getBuiltinModule('node:net');
  const plain = address.replace(/^::ffff:/, '');
  return address === '::1' || (plain.startsWith('127.') && isIPv4(plain));
}

/** @param name - of a host in a URL or a Host header, without its port: `localhost`, `[::1]`. */
export function isLoopbackName(name: string): boolean {
  return name.toLowerCase() === 'localhost' || isLoopback(name.replace(/^\[(.*)\]$/, '$1'));
}
