// SPDX-License-Identifier: MIT
// The domain as users choose it: alone, beside the heap, where it can't be had.
import { expect, test } from 'vitest';
import { evaluate } from '../support/child.js';

const SHARE = `
  globalThis.kept = [];
  function fill() {
    for (let i = 0; i < 100; i++) kept.push(new ArrayBuffer(10_000));
    for (let i = 0; i < 100; i++) kept.push(new Array(1250).fill(i));
  }
  const share = (domain) => {
    const { traces } = tracemalloc.takeSnapshot();
    return traces
      .filter((t) => t.domain === domain && t.traceback.frames.at(-1).functionName === 'fill')
      .reduce((sum, t) => sum + t.size, 0);
  };
`;

test.each([
  [['heap', 'buffer'], true, true],
  [['buffer'], false, true],
  [['heap'], true, false],
])('%j', async (domains, heap, buffer) => {
  const seen = await evaluate<Record<string, unknown>>(`${SHARE}
    tracemalloc.start({ sampleInterval: 1, domains: ${JSON.stringify(domains)} });
    fill();
    const { engine, precision, reason, domains } = tracemalloc.status();
    const snapshot = tracemalloc.takeSnapshot();
    const full = [share('heap'), share('buffer')];
    const { current, peak } = tracemalloc.getTracedMemory();
    tracemalloc.clearTraces();
    const cleared = [share('heap'), share('buffer')];
    fill();
    report({ engine, precision, reason, domains, of: snapshot.domains, full, cleared,
      again: share('buffer'), holds: [current >= full[0] + full[1], peak >= current] });
  `);
  expect(seen).toMatchObject({
    precision: 'line',
    reason: '',
    domains,
    of: domains,
    cleared: [0, 0],
    again: buffer ? 1e6 : 0,
    holds: [true, true],
    engine: heap ? 'allocation-hook' : 'buffer-hook',
  });
  const [ofHeap, ofBuffers] = seen['full'] as [number, number];
  expect(ofBuffers).toBe(buffer ? 1e6 : 0);
  expect(ofHeap > 0.9e6).toBe(heap);
});

test('an allocator that is not known: the heap goes on, and status tells', async () => {
  const seen = await evaluate(
    `${SHARE}
    tracemalloc.start({ sampleInterval: 1 });
    fill();
    const { domains, reason } = tracemalloc.status();
    const both = [domains, reason, share("heap") > 0.9e6, share('buffer'), tracemalloc.takeSnapshot().domains];
    tracemalloc.stop();
    report([...both, codeOf(() => tracemalloc.start({ domains: ['buffer'] })), tracemalloc.isTracing()]);`,
    { args: ['--debug-arraybuffer-allocations'] },
  );
  expect(seen).toEqual([
    ['heap'],
    expect.stringMatching(/^buffers are not traced: .*--debug-arraybuffer-allocations/),
    true,
    0,
    ['heap'],
    'ERR_UNSUPPORTED_PLATFORM',
    false,
  ]);
});

test.each(['heap,buffer', 'buffer'])(
  'function precision, %s: one frame for all buffers',
  async (text) => {
    const seen = await evaluate<[string, unknown, unknown]>(`${SHARE}
    tracemalloc.start({ sampleInterval: 1, precision: 'function', domains: '${text}'.split(',') });
    fill();
    const rows = tracemalloc.takeSnapshot().traces.filter((t) => t.domain === 'buffer');
    const size = rows.reduce((sum, t) => sum + t.size, 0);
    report([tracemalloc.status().reason, rows.map((t) => String(t.traceback)), size >= 1e6]);
  `);
    expect(seen).toEqual([
      expect.stringMatching(/buffers are counted without their stacks$/),
      expect.arrayContaining(['(buffer):0']),
      true,
    ]);
  },
);

test('buffers that Node makes by itself have a label', async () => {
  const seen = await evaluate<Record<string, number>>(`
    import dgram from 'node:dgram';
    import http from 'node:http';
    import http2 from 'node:http2';
    import net from 'node:net';
    import { once } from 'node:events';
    import { Worker } from 'node:worker_threads';
    globalThis.kept = [];
    const keep = (chunk) => kept.push(chunk);
    const open = async (server) => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server.address().port;
    };
    tracemalloc.start({ sampleInterval: 1, domains: ['buffer'] });

    const web = http.createServer((request, response) => {
      request.on('data', keep).on('end', () => response.end());
    });
    const request = http.request({ port: await open(web), method: 'POST', agent: false });
    request.end('x'.repeat(300_000));
    await once(request, 'response');

    const web2 = http2.createServer((request, response) => {
      request.on('data', keep).on('end', () => response.end());
    });
    const client = http2.connect('http://127.0.0.1:' + await open(web2));
    const stream = client.request({ ':method': 'POST' });
    stream.end('x'.repeat(40_000));
    await once(stream, 'response');

    const plain = net.createServer((socket) => socket.on('data', keep));
    const socket = net.connect(await open(plain), '127.0.0.1');
    socket.end('x'.repeat(50_000));
    await once(socket, 'close');

    const udp = dgram.createSocket('udp4');
    udp.bind(0, '127.0.0.1');
    await once(udp, 'listening');
    udp.send(Buffer.alloc(1000), udp.address().port, '127.0.0.1');
    keep(await once(udp, 'message'));

    // It stays: when a thread ends, Node's own JavaScript takes what it has sent and nobody has read.
    const worker = new Worker(
      "require('node:worker_threads').parentPort.postMessage(new Uint8Array(70_000)); setInterval(() => {}, 1000)",
      { eval: true, execArgv: [] },
    );
    keep(await once(worker, 'message'));

    const sizes = {};
    for (const trace of tracemalloc.takeSnapshot().traces) {
      const label = trace.traceback.frames[0].filename;
      if (label.startsWith('(')) sizes[label] = trace.size;
    }
    report(sizes);
    process.exit();
  `);
  expect(seen['(http body)']).toBeGreaterThanOrEqual(300_000);
  expect(seen['(http2 data)']).toBeGreaterThanOrEqual(40_000);
  expect(seen['(socket or pipe data)']).toBeGreaterThanOrEqual(50_000);
  expect(seen['(udp message)']).toBeGreaterThanOrEqual(1000);
  expect(seen['(worker message)']).toBeGreaterThanOrEqual(70_000);
  expect(seen['(native)']).toBeUndefined();
});

test('a storm of buffers raises the interval, the figures stay right, and it falls back', async () => {
  const seen = await evaluate<{
    size: number;
    error: number;
    samples: number;
    seconds: number;
    calm: number;
    storm: number;
  }>(
    `globalThis.kept = [];
    function storm() {
      for (let i = 0; i < 60_000; i++) {
        const buffer = new ArrayBuffer(16_384);
        if (i % 4 === 0) kept.push(buffer);
      }
    }
    tracemalloc.start({ sampleInterval: 65_536, domains: ['buffer'] });
    const begin = performance.now();
    storm();
    const seconds = (performance.now() - begin) / 1000;
    const { bufferInterval, bufferSamples } = tracemalloc.status().diagnostics;
    gc();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const row = tracemalloc.takeSnapshot().statistics('function').find((s) => s.traceback.frames[0].functionName === 'storm');
    let calm;
    for (let i = 0; i < 200; i++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      calm = tracemalloc.status().diagnostics.bufferInterval;
      tracemalloc.takeSnapshot();
      if (calm === 65_536) break;
    }
    report({ size: row.size, error: row.error, samples: bufferSamples, seconds, storm: bufferInterval, calm });`,
    { args: ['--expose-gc'] },
  );
  // By how much depends on how fast the machine is.
  expect(seen.storm).toBeGreaterThan(65_536);
  expect(seen.calm).toBe(65_536);
  // At 65,536, 13,000 of the 60,000 allocations would be sampled.
  // A slow machine may take more: they are budgeted by the second.
  expect(seen.samples).toBeLessThan(Math.max(6000, 2500 * seen.seconds));
  // Some 130 samples of what is kept are left to say so; their error is low where the size is.
  expect(Math.abs(seen.size - 15_000 * 16_384)).toBeLessThan(5 * seen.error);
  expect(seen.error).toBeLessThan(15_000 * 16_384 * 0.2);
});
