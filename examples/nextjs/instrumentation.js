export async function register() {
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    const { createServer } = await import('node:http');
    const { createHandler, start } = await import('tracemalloc');
    start();
    createServer(createHandler()).listen(process.env.INNER_PORT ?? 3001, '127.0.0.1');
  }
}
