// SPDX-License-Identifier: MIT
// Interned UTF-8 strings: file, function and type names. Id 0 is the empty string.
#ifndef TRACEMALLOC_CORE_STRING_TABLE_H_
#define TRACEMALLOC_CORE_STRING_TABLE_H_

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tracemalloc {

using StringId = uint32_t;

class StringTable {
 public:
  StringTable() : strings_(1) {}

  StringId Intern(std::string_view text) {
    if (text.empty()) return 0;
    const auto it = ids_.find(text);
    if (it != ids_.end()) return it->second;
    const StringId id = static_cast<StringId>(strings_.size());
    strings_.emplace_back(text);
    bytes_ += text.size();
    ids_.emplace(strings_.back(), id);
    return id;
  }

  uint32_t size() const { return static_cast<uint32_t>(strings_.size()); }
  const std::string& at(StringId id) const { return strings_[id]; }
  void Clear() {
    ids_ = {};
    strings_.resize(1);
    bytes_ = 0;
  }
  size_t MemoryUsage() const {
    return bytes_ + strings_.size() * (sizeof(std::string) + sizeof(std::string_view) + 32) +
           ids_.bucket_count() * sizeof(void*);
  }

 private:
  std::deque<std::string> strings_;  // a deque: the views in ids_ must stay valid
  std::unordered_map<std::string_view, StringId> ids_;
  size_t bytes_ = 0;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_STRING_TABLE_H_
