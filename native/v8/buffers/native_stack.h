// SPDX-License-Identifier: MIT
// What node was doing when it allocated and no JavaScript was running: a label, told from the
// functions of node's on the native stack. Where node exports no symbols it is kLabelNative.
#ifndef TRACEMALLOC_V8_BUFFERS_NATIVE_STACK_H_
#define TRACEMALLOC_V8_BUFFERS_NATIVE_STACK_H_

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "core/native_labels.h"

namespace tracemalloc {

class NativeStack {
 public:
  // Of the calling thread's stack. A microsecond where the list of frames tells it, some ten where
  // unwinding must; where a return address is seen for the first time, some hundred for its symbol.
  NativeLabelId Label();
  size_t MemoryUsage() const;

 private:
  NativeLabelId LabelOfFrameList();
  NativeLabelId LabelOfUnwinding();
  NativeLabelId LabelAt(uintptr_t pc);

  // By return address. Node's code stays where it is.
  std::unordered_map<uintptr_t, NativeLabelId> known_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_BUFFERS_NATIVE_STACK_H_
