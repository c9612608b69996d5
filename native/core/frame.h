// SPDX-License-Identifier: MIT
// Frames and their interning. A frame has two faces: its key, which the hot path can know without
// touching a string, and its resolution (names, line, column), made once per new frame when a
// snapshot is taken. FrameIds are dense and start at 0; they change only in Renumber().
#ifndef TRACEMALLOC_CORE_FRAME_H_
#define TRACEMALLOC_CORE_FRAME_H_

#include <cstdint>
#include <vector>

#include "core/id_index.h"
#include "core/renumbering.h"
#include "core/string_table.h"

namespace tracemalloc {

using FrameId = uint32_t;

enum FrameFlags : uint32_t {
  kFrameApproximate = 1u << 0,  // the line is the function's first, or a neighbouring one
  kFrameNative = 1u << 1,       // one of our labels such as (native), not JavaScript
  kFrameNearColumn = 1u << 2,   // the line is right; the column is of another place on it
};

struct FrameKey {
  int32_t script_id = 0;    // V8's; 0: no script
  int32_t function_id = 0;  // within the script: literal id (walker), start position (public
                            // sampler), or the label's number (kFrameNative)
  int32_t position = -1;    // offset into the script's source in UTF-16 units; -1: unknown
  uint32_t flags = 0;
  // For allocations without a position of their own (for literals V8 reports that of a preceding
  // expression): the bytecode's offset, or one of the constants below if several share the
  // position. -1: the position is the allocation's own.
  int32_t bytecode = -1;

  bool operator==(const FrameKey& o) const {
    return script_id == o.script_id && function_id == o.function_id && position == o.position &&
           flags == o.flags && bytecode == o.bytecode;
  }
};

constexpr int32_t kSeveralBytecodes = -2;
constexpr int32_t kSeveralBesidesCalls = -3;  // calls among them allocate in other frames

struct ResolvedFrame {
  StringId function_name = 0;  // 0 (empty): anonymous
  StringId filename = 0;       // V8's name of the script; 0 (empty): unknown
  uint32_t line = 0;           // 1-based; 0: unknown
  uint32_t column = 0;         // 1-based, UTF-16 units; 0: unknown
  bool approximate = false;    // the place of a literal that was not found in the source
  bool near_column = false;    // one of several literals, all on this line
};

class FrameTable {
 public:
  struct Entry {
    FrameKey key;
    bool resolved = false;
    bool doubted = false;
    ResolvedFrame resolution;

    uint32_t flags() const {
      return key.flags | (doubted || resolution.approximate ? kFrameApproximate : 0u) |
             (resolution.near_column ? kFrameNearColumn : 0u);
    }
  };

  // The frame's id; *is_new says that it was not known before. O(1), allocates only when new.
  FrameId Intern(const FrameKey& key, bool* is_new);
  void Resolve(FrameId id, const ResolvedFrame& resolution);
  // The walker turned out to be wrong at times: from now on all frames known so far are
  // approximate.
  void DoubtAll();
  uint32_t doubts() const { return doubts_; }  // how often

  uint32_t size() const { return static_cast<uint32_t>(entries_.size()); }
  const Entry& at(FrameId id) const { return entries_[id]; }
  // The strings of frames that are kept must be kept.
  void Renumber(const NewIds& frames, const NewIds& strings) noexcept;
  void Clear() noexcept;
  size_t MemoryUsage() const;

 private:
  static uint32_t HashOf(const FrameKey& key);

  std::vector<Entry> entries_;
  uint32_t doubts_ = 0;
  IdIndex index_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_FRAME_H_
