// SPDX-License-Identifier: MIT
// Connections to loopback as another process sees it: its network namespace may not be ours.
import { spawn } from 'node:child_process';
import { connect as connectTo } from 'node:net';
import { Duplex } from 'node:stream';
import { sharesNamespace } from '../processes/process-state.js';
import type { Connect } from './inspector-client.js';

// Joins its standard streams with the port that its argument names.
const RELAY = `
  const [, host, port] = process.argv;
  const socket = require('node:net').connect(Number(port), host);
  process.stdin.pipe(socket).pipe(process.stdout);
  socket.on('error', () => process.exit(1));
  socket.on('close', () => process.exit());
`;

/** Arguments of nsenter, before the command that it runs in the network namespace of the process. */
export function netOf(pid: number): readonly string[] {
  return [`--net=/proc/${pid}/ns/net`, '--'];
}

/** The environment of this package's own processes, which load nothing that NODE_OPTIONS names. */
export function helperEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, NODE_OPTIONS: '' };
}

export function connectorTo(pid: number, address: string, port: number): Connect {
  if (sharesNamespace(pid, 'net')) return () => connectTo(port, address);
  return () => {
    const args = [...netOf(pid), process.execPath, '-e', RELAY, address, String(port)];
    const relay = spawn('nsenter', args, {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: helperEnvironment(),
    });
    const stream = Duplex.from({ readable: relay.stdout, writable: relay.stdin });
    relay.on('error', (error) => stream.destroy(error));
    stream.on('close', () => relay.kill());
    return stream;
  };
}
