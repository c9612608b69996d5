// SPDX-License-Identifier: MIT
// A service of a framework, under load.
import { afterEach, expect, test } from 'vitest';
import { attach, fixture, type Plain, plainService } from '../support/attach.js';
import { lineOf } from '../support/line-of.js';

let service: Plain;
afterEach(() => service.stop());

test('fastify: each response is its own, and the line that leaks is named', async () => {
  service = await plainService(fixture('fastify.mjs'));
  const outcome = attach(service.pid, '--for', '2s');
  let isOver = false;
  const load = (async () => {
    for (let n = 0; !isOver; n++) {
      expect(await service.get(`/${n}`)).toBe(JSON.stringify({ url: `/${n}` }));
    }
  })();
  const { code, stdout } = await outcome;
  isOver = true;
  await load;
  expect(code).toBe(0);
  expect(stdout.split('\n')[4]).toContain(`fastify.mjs:${lineOf(fixture('fastify.mjs'), 'leak')}`);
});
