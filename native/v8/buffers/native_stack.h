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
  // The label of the calling thread's stack. Takes a microsecond where the list of frames tells it,
  // some ten where unwinding must, some hundred more for the symbol of a new return address.
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
