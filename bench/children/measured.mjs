// SPDX-License-Identifier: MIT
// The measured process: one workload under one tracker, once. Reports the CPU time of all threads,
// user and system, in microseconds.
import { trackers } from '../library/trackers.mjs';

const [workloadName, trackerName] = process.argv.slice(2);
await trackers[trackerName].create().start();
const workload = await import(`./workloads/${workloadName}.mjs`);

if (workload.listen) {
  const port = await workload.listen();
  let before;
  process.on('message', (message) => {
    if (message === 'begin') {
      before = process.cpuUsage();
      process.send('begun');
    } else {
      const { user, system } = process.cpuUsage(before);
      process.send({ cpu: user + system });
      workload.close();
      process.disconnect();
    }
  });
  process.send({ port });
} else {
  workload.run(); // warm: the optimizer has seen everything
  const before = process.cpuUsage();
  for (let turn = 0; turn < (workload.turns ?? 1); turn++) workload.run();
  const { user, system } = process.cpuUsage(before);
  process.send({ cpu: user + system });
  process.disconnect();
}
