// SPDX-License-Identifier: MIT
#include "core/frame.h"

#include <utility>

#include "core/make_room.h"

namespace tracemalloc {

size_t FrameTable::Hash::operator()(const FrameKey& key) const {
  uint64_t h = (static_cast<uint64_t>(static_cast<uint32_t>(key.script_id)) << 32) |
               static_cast<uint32_t>(key.position);
  h ^= (static_cast<uint64_t>(static_cast<uint32_t>(key.function_id)) << 8) ^ key.flags;
  h *= 0x9E3779B97F4A7C15ull;
  return static_cast<size_t>(h ^ (h >> 29));
}

FrameId FrameTable::Intern(const FrameKey& key, bool* is_new) {
  MakeRoom(&entries_, 1);
  auto [it, inserted] = ids_.try_emplace(key, static_cast<FrameId>(entries_.size()));
  if (inserted) entries_.push_back(Entry{key, false, false, {}});
  *is_new = inserted;
  return it->second;
}

void FrameTable::Resolve(FrameId id, const ResolvedFrame& resolution) {
  entries_[id].resolution = resolution;
  entries_[id].resolved = true;
}

void FrameTable::DoubtAll() {
  for (Entry& entry : entries_) {
    if ((entry.key.flags & kFrameNative) == 0) entry.doubted = true;
  }
  doubts_++;
}

void FrameTable::Clear() {
  entries_ = {};
  ids_ = {};
}

size_t FrameTable::MemoryUsage() const {
  // A node of the map: the pair, the cached hash and the next pointer.
  constexpr size_t kNode = sizeof(std::pair<const FrameKey, FrameId>) + 2 * sizeof(void*);
  return entries_.capacity() * sizeof(Entry) + ids_.size() * kNode +
         ids_.bucket_count() * sizeof(void*);
}

}  // namespace tracemalloc
