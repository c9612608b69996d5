export default {
  serverExternalPackages: ['tracemalloc'],
  experimental: { serverSourceMaps: true },
};
