// SPDX-License-Identifier: MIT
// The exports of a workload that answers requests, which the bench sends.

/** `listen` returns the port. */
export const served = (server) => ({
  listen: () =>
    new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve(server.address().port));
    }),
  close() {
    server.close();
    server.closeAllConnections();
  },
});
