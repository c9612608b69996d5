const cache = [];

export function fetchUserData(id) {
  const record = { id, name: `user ${id}` };
  cache.push(new Array(5000).fill(id));
  return record;
}
