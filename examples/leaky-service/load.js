// Load for the leaky service: sends 50 requests a second until it is stopped, answered or not.
//
//   node load.js http://127.0.0.1:3000
import { setTimeout as sleep } from 'node:timers/promises';

const [address] = process.argv.slice(2);

for (let id = 1; ; id++) {
  fetch(`${address}/users/${id}`).then(
    (response) => response.text(),
    () => undefined, // the service may be restarting
  );
  await sleep(20);
}
