const cache = [];

export function fetchUserData(id) {
  const record = { id, name: `user ${id}` };
  const users = Array.from({ length: 5000 }, () => record);
  cache.push(...users);
  return record;
}
