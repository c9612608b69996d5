// SPDX-License-Identifier: MIT
// A label for what Node was doing when it allocated while no JavaScript was running, from Node's
// functions on the native stack. If node exports no symbols it is kLabelNative.
#ifndef TRACEMALLOC_V8_BUFFERS_NATIVE_STACK_H_
#define TRACEMALLOC_V8_BUFFERS_NATIVE_STACK_H_

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "core/native_labels.h"

namespace tracemalloc {

class NativeStack {
 public:
  // The label of the calling thread's stack. Takes a microsecond if the list of frames is enough,
  // some ten if it must be unwound, and some hundred more for the symbol of a new return address.
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
