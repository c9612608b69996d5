// SPDX-License-Identifier: MIT
// Where in optimized code a call has its position. That of an allocation's slow path, which lies
// behind the function's main code, is told from instructions of x64 (x64/deferred_code).
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

class CallOrigins {
 public:
  // Of the call that returns to `offset`. `own_entry`: where the position begins that the table has
  // for the call. `may_allocate`: nothing says that the call is more than an inline allocation's
  // slow path.
  CallOrigin Find(const HeapView& heap, const CodeObject& code, int32_t offset, int32_t own_entry,
                  bool may_allocate);

 private:
  std::vector<uint8_t> instructions_;  // kept to reuse its memory
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_FRAMES_CALL_ORIGIN_H_
