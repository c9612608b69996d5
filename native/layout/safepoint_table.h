// SPDX-License-Identifier: MIT
// The table behind optimised code that tells, for each call, where V8 would go on if the code were
// thrown away meanwhile. Two uses: a frame whose code was thrown away returns to that place
// instead of the call, and the bytecode it would go on at names the call's position exactly.
#ifndef TRACEMALLOC_LAYOUT_SAFEPOINT_TABLE_H_
#define TRACEMALLOC_LAYOUT_SAFEPOINT_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "layout/code_lookup.h"
#include "layout/layout.h"

namespace tracemalloc {

class HeapView;

struct Safepoint {
  int32_t return_offset = -1;  // of the call's return address in the code
  int32_t exit_offset = -1;    // where it returns to once deoptimised; -1: it can't be
  int32_t deopt_index = -1;    // into DeoptimizationData; -1: none
};

class SafepointTable {
 public:
  // False if it does not lie behind the code or is not as it must be.
  bool Decode(const HeapView& heap, const CodeObject& code);
  bool DecodeBytes(const uint8_t* bytes, size_t size, int length_field, Tier tier);

  // The entry of a return address, be it the call's own or its exit; nullptr: none.
  const Safepoint* Find(int32_t offset) const;
  const std::vector<Safepoint>& entries() const { return entries_; }

 private:
  std::vector<uint8_t> bytes_;
  std::vector<Safepoint> entries_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_SAFEPOINT_TABLE_H_
