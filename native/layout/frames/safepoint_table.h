// SPDX-License-Identifier: MIT
// The table after optimised code that says, for each call, where V8 would continue if the code were
// deoptimised meanwhile. It has two uses: a frame whose code was deoptimised returns to that place,
// not to the call; and the bytecode at which it would continue gives the call's exact position.
#ifndef TRACEMALLOC_LAYOUT_FRAMES_SAFEPOINT_TABLE_H_
#define TRACEMALLOC_LAYOUT_FRAMES_SAFEPOINT_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "layout/frames/code_lookup.h"
#include "layout/layout.h"

namespace tracemalloc {

class HeapView;

struct Safepoint {
  int32_t return_offset = -1;  // the call's return address, as an offset in the code
  int32_t exit_offset = -1;    // where it returns to once deoptimised; -1: it can't be deoptimised
  int32_t deopt_index = -1;    // into DeoptimizationData; -1: none
};

class SafepointTable {
 public:
  // False if it can't be read after the code, or is invalid.
  bool Decode(const HeapView& heap, const CodeObject& code);
  bool DecodeBytes(const uint8_t* bytes, size_t size, int length_field, Tier tier);

  // The entry of a return address, which may be the call's own or its exit; nullptr: none.
  const Safepoint* Find(int32_t offset) const;
  const std::vector<Safepoint>& entries() const { return entries_; }

 private:
  std::vector<uint8_t> bytes_;
  std::vector<Safepoint> entries_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_FRAMES_SAFEPOINT_TABLE_H_
