const cache = new Map();
const MOST = 100;

export function fetchUserData(id) {
  const record = { id, name: `user ${id}` };
  cache.set(id, new Array(5000).fill(id));
  if (cache.size > MOST) cache.delete(cache.keys().next().value);
  return record;
}
