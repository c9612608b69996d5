// SPDX-License-Identifier: MIT
// Interned UTF-8 strings: file, function and type names. Id 0 is the empty string.
#ifndef TRACEMALLOC_CORE_STRING_TABLE_H_
#define TRACEMALLOC_CORE_STRING_TABLE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/id_index.h"
#include "core/renumbering.h"
#include "core/vector_room.h"

namespace tracemalloc {

using StringId = uint32_t;

class StringTable {
 public:
  StringTable() { Add({}, HashOf({})); }

  StringId Intern(std::string_view text) {
    if (text.empty()) return 0;
    const uint32_t hash = HashOf(text);
    const StringId known = index_.Find(hash, [&](StringId id) { return strings_[id] == text; });
    return known != IdIndex::kNone ? known : Add(text, hash);
  }

  uint32_t size() const { return static_cast<uint32_t>(strings_.size()); }
  // Valid until the next string is interned.
  const std::string& at(StringId id) const { return strings_[id]; }
  // The empty string must be kept.
  void Renumber(const NewIds& ids) noexcept {
    MoveToNewIds(&strings_, ids);
    index_.Renumber(ids, [this](StringId id) { return HashOf(strings_[id]); });
    bytes_ = 0;
    for (const std::string& text : strings_) bytes_ += text.size();
  }
  void Clear() noexcept {
    strings_.resize(1);
    GiveBackRoom(&strings_);
    index_.Truncate(1);
    bytes_ = 0;
  }
  size_t MemoryUsage() const {
    return bytes_ + strings_.capacity() * sizeof(std::string) + index_.MemoryUsage();
  }

 private:
  StringId Add(std::string_view text, uint32_t hash) {
    index_.MakeRoomForOne();
    MakeRoom(&strings_, 1);
    strings_.emplace_back(text);
    index_.Add(hash);
    bytes_ += text.size();
    return static_cast<StringId>(strings_.size()) - 1;
  }
  static uint32_t HashOf(std::string_view text) {
    return static_cast<uint32_t>(std::hash<std::string_view>()(text));
  }

  std::vector<std::string> strings_;
  IdIndex index_;
  size_t bytes_ = 0;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_STRING_TABLE_H_
