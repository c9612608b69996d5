// SPDX-License-Identifier: MIT
// A client for servers under test: sends the same requests in the same order, and collects the
// responses.
import { once } from 'node:events';
import { Agent, request } from 'node:http';

/** The port that the server prints. */
export async function portOf(child) {
  let output = '';
  for await (const [text] of eachData(child)) {
    output += text;
    const match = /(?:listening on|localhost:)\s*(\d+)/.exec(output);
    if (match) return Number(match[1]);
  }
  throw new Error(`the server ended: ${output}`);
}

async function* eachData(child) {
  const ended = once(child, 'exit').then(() => undefined);
  for (;;) {
    const data = await Promise.race([once(child.stdout, 'data'), ended]);
    if (data === undefined) return;
    yield data;
  }
}

/**
 * Sends `[method, path, body]`s, `width` at a time, and returns status and body of each, in order.
 * The requests of one batch must not depend on each other.
 */
export async function ask(port, requests, { width = 1 } = {}) {
  const agent = new Agent({ keepAlive: true, maxSockets: width });
  const answers = [];
  for (let i = 0; i < requests.length; i += width) {
    const batch = requests.slice(i, i + width).map((r) => send(agent, port, r));
    answers.push(...(await Promise.all(batch)));
  }
  agent.destroy();
  return answers.join('\n');
}

function send(agent, port, [method, path, body]) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    request({ agent, host: '127.0.0.1', port, method, path, headers }, async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      resolve(`${method} ${path} ${response.statusCode} ${text}`);
    })
      .on('error', reject)
      .end(body === undefined ? undefined : JSON.stringify(body));
  });
}
