// SPDX-License-Identifier: MIT
// Names of frames that are not JavaScript (kFrameNative): FrameKey::function_id is the number.
#ifndef TRACEMALLOC_V8_NATIVE_LABELS_H_
#define TRACEMALLOC_V8_NATIVE_LABELS_H_

#include "core/frame.h"

namespace tracemalloc {

enum NativeLabelId : int32_t {
  kLabelNative = 0,    // no JavaScript on the stack
  kLabelOverflow = 1,  // the site table is full
  kLabelUnknown = 2,   // a frame that could not be resolved
};

inline FrameKey NativeFrameKey(NativeLabelId label) { return {0, label, -1, kFrameNative}; }

inline const char* NativeLabel(const FrameKey& key) {
  if ((key.flags & kFrameNative) == 0) return "(unknown)";
  switch (key.function_id) {
    case kLabelNative:
      return "(native)";
    case kLabelOverflow:
      return "(overflow)";
    default:
      return "(unknown)";
  }
}

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_NATIVE_LABELS_H_
