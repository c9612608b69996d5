// Users for the leaky service: 50 requests a second until it is stopped, whether anybody answers.
//
//   node load.js http://127.0.0.1:3000
import { setTimeout as sleep } from 'node:timers/promises';

const [address] = process.argv.slice(2);

for (let id = 1; ; id++) {
  fetch(`${address}/users/${id}`).then(
    (response) => response.text(),
    () => undefined, // it restarts
  );
  await sleep(20);
}
