// SPDX-License-Identifier: MIT
#include "process/heap_sizes.h"

#include <map>
#include <mutex>

namespace tracemalloc {
namespace {

struct Table {
  std::mutex mutex;
  std::map<uint32_t, uint64_t> bytes;
};

// Never destroyed: workers may end while the process exits.
Table& GetTable() {
  static auto* const table = new Table;
  return *table;
}

}  // namespace

void SetHeapSize(const HeapSize& heap) {
  Table& table = GetTable();
  const std::lock_guard<std::mutex> lock(table.mutex);
  table.bytes[heap.thread_id] = heap.bytes;
}

void RemoveHeapSize(uint32_t thread_id) {
  Table& table = GetTable();
  const std::lock_guard<std::mutex> lock(table.mutex);
  table.bytes.erase(thread_id);
}

std::vector<HeapSize> HeapSizes() {
  Table& table = GetTable();
  const std::lock_guard<std::mutex> lock(table.mutex);
  std::vector<HeapSize> heaps;
  heaps.reserve(table.bytes.size());
  for (const auto& [thread_id, bytes] : table.bytes) heaps.push_back({thread_id, bytes});
  return heaps;
}

}  // namespace tracemalloc
