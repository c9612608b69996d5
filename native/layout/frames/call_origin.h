// SPDX-License-Identifier: MIT
// Finds the instruction in optimized code that has a call's position. For an allocation's slow
// path, which lies behind the function's main code, it is found by decoding instructions
// (machine/deferred_code).
#ifndef TRACEMALLOC_LAYOUT_FRAMES_CALL_ORIGIN_H_
#define TRACEMALLOC_LAYOUT_FRAMES_CALL_ORIGIN_H_

#include <cstdint>
#include <vector>

namespace tracemalloc {

class HeapView;
struct CodeObject;

struct CallOrigin {
  int32_t offset = -1;  // -1: at the call itself
  bool approximate = false;
  int32_t jump = -1;  // in the main code, to the slow path that the call is in; -1: none
};

// A part of a code object, as code offsets.
struct CodeRange {
  int32_t begin = 0;
  int32_t end = 0;
};

class CallOrigins {
 public:
  // For the call that returns to `offset`. `own_entry`: code offset of the table's entry for the
  // call. `may_allocate`: the call may be just an inline allocation's slow path.
  CallOrigin Find(const HeapView& heap, const CodeObject& code, int32_t offset, int32_t own_entry,
                  bool may_allocate);

  // For the call that Find was last called for, with its `jump`: the code that stores the fields of
  // the new object, from the first store to the next allocation.
  CodeRange StoresAfter(int32_t jump) const;

 private:
  std::vector<uint8_t> instructions_;  // kept to reuse its memory
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_FRAMES_CALL_ORIGIN_H_
