// A function that remembers each event for as long as its instance lives.
import { start, takeSnapshot } from 'tracemalloc';

start({ sampleInterval: '64KiB' });

const events = [];
let invocations = 0;
let first;

function logGrowth() {
  invocations++;
  if (invocations === 20) first = takeSnapshot();
  if (invocations % 500 !== 0) return;
  const growth = takeSnapshot().compareTo(first, 'lineno', { frames: 'own' });
  console.log(`after ${invocations} invocations\n${growth.slice(0, 3).join('\n')}`);
}

export async function handler(event) {
  const details = { id: event.id, lines: new Array(1000).fill(event.id) }; // leaks
  events.push(details);
  logGrowth();
  return { statusCode: 200, body: String(details.lines.length) };
}
