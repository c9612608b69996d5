// Has thumbnails made in two worker threads, then asks all threads what they hold.
import { Piscina } from 'piscina';
import { takeProcessSnapshot } from 'tracemalloc';

const pool = new Piscina({
  filename: new URL('thumbnail.js', import.meta.url).href,
  minThreads: 2,
  maxThreads: 2,
});
await Promise.all(Array.from({ length: 400 }, (_, id) => pool.run(id)));

const { snapshot, threads } = await takeProcessSnapshot();
console.log(`threads ${threads.join(', ')}`);
console.log(snapshot.statistics('lineno', { frames: 'own' }).slice(0, 3).join('\n'));
await pool.destroy();
