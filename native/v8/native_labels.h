// SPDX-License-Identifier: MIT
// Names of frames that are not JavaScript (kFrameNative): FrameKey::function_id is the number.
#ifndef TRACEMALLOC_V8_NATIVE_LABELS_H_
#define TRACEMALLOC_V8_NATIVE_LABELS_H_

#include "core/tables.h"

namespace tracemalloc {

enum NativeLabelId : int32_t {
  kLabelNative = 0,    // no JavaScript on the stack
  kLabelOverflow = 1,  // the site table is full
  kLabelUnknown = 2,   // a frame that could not be resolved
  kLabelBuffer = 3,    // a buffer, where stacks can't be walked
};

inline FrameKey NativeFrameKey(NativeLabelId label) { return {0, label, -1, kFrameNative}; }

inline const char* NativeLabel(const FrameKey& key) {
  if ((key.flags & kFrameNative) == 0) return "(unknown)";
  switch (key.function_id) {
    case kLabelNative:
      return "(native)";
    case kLabelOverflow:
      return "(overflow)";
    case kLabelBuffer:
      return "(buffer)";
    default:
      return "(unknown)";
  }
}

// The label stands where a file's name would: it is all there is to be shown.
inline void ResolveLabel(FrameId id, Tables* tables) {
  ResolvedFrame resolution;
  resolution.filename = tables->strings.Intern(NativeLabel(tables->frames.at(id).key));
  tables->frames.Resolve(id, resolution);
}

inline FrameId InternLabel(NativeLabelId label, Tables* tables) {
  bool is_new;
  const FrameId id = tables->frames.Intern(NativeFrameKey(label), &is_new);
  if (is_new) ResolveLabel(id, tables);
  return id;
}

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_NATIVE_LABELS_H_
