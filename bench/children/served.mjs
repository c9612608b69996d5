// SPDX-License-Identifier: MIT
// What a workload that answers requests exports: the bench sends them.

/** `listen` answers the port. */
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
