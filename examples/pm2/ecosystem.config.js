module.exports = {
  apps: [
    {
      name: 'api',
      script: 'app.js',
      exec_mode: 'cluster',
      instances: 2,
      node_args: '--require tracemalloc/register',
      error_file: 'reports.log',
      merge_logs: true,
      env: {
        TRACEMALLOC: '1',
        TRACEMALLOC_REPORT_EVERY: '5s',
        TRACEMALLOC_SIGNAL: 'SIGUSR2',
        TRACEMALLOC_DIR: 'dumps',
      },
    },
  ],
};
