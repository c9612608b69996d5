// SPDX-License-Identifier: MIT
#include "core/frame.h"

#include "core/vector_room.h"

namespace tracemalloc {

uint32_t FrameTable::HashOf(const FrameKey& key) {
  uint64_t h = (static_cast<uint64_t>(static_cast<uint32_t>(key.script_id)) << 32) |
               static_cast<uint32_t>(key.position);
  h ^= (static_cast<uint64_t>(static_cast<uint32_t>(key.function_id)) << 8) ^ key.flags;
  h ^= static_cast<uint64_t>(static_cast<uint32_t>(key.bytecode)) << 40;
  h *= 0x9E3779B97F4A7C15ull;
  return static_cast<uint32_t>(h ^ (h >> 32));
}

FrameId FrameTable::Intern(const FrameKey& key, bool* is_new) {
  const uint32_t hash = HashOf(key);
  const FrameId known = index_.Find(hash, [&](FrameId id) { return entries_[id].key == key; });
  *is_new = known == IdIndex::kNone;
  if (!*is_new) return known;
  index_.MakeRoomForOne();
  MakeRoom(&entries_, 1);
  entries_.push_back(Entry{key, false, false, {}});
  index_.Add(hash);
  return static_cast<FrameId>(entries_.size()) - 1;
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

void FrameTable::Renumber(const NewIds& frames, const NewIds& strings) noexcept {
  MoveToNewIds(&entries_, frames);
  for (Entry& entry : entries_) {
    entry.resolution.function_name = strings[entry.resolution.function_name];
    entry.resolution.filename = strings[entry.resolution.filename];
  }
  index_.Renumber(frames, [this](FrameId id) { return HashOf(entries_[id].key); });
}

void FrameTable::Clear() noexcept {
  entries_.clear();
  GiveBackRoom(&entries_);
  index_.Truncate(0);
}

size_t FrameTable::MemoryUsage() const {
  return entries_.capacity() * sizeof(Entry) + index_.MemoryUsage();
}

}  // namespace tracemalloc
