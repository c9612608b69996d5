// Stands for one warm instance of AWS Lambda: it loads the handler once, then calls it for event
// after event, one at a time.
import { handler } from './index.js';

for (let id = 1; id <= 1000; id++) {
  const { statusCode } = await handler({ id });
  if (statusCode !== 200) throw new Error(`event ${id} was answered with ${statusCode}`);
}
