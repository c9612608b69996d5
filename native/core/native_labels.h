// SPDX-License-Identifier: MIT
// Names of frames that are not JavaScript (kFrameNative): FrameKey::function_id is the number.
#ifndef TRACEMALLOC_CORE_NATIVE_LABELS_H_
#define TRACEMALLOC_CORE_NATIVE_LABELS_H_

#include <string_view>

#include "core/tables.h"

namespace tracemalloc {

enum NativeLabelId : int32_t {
  kLabelNative,    // no JavaScript on the stack
  kLabelOverflow,  // the site table is full
  kLabelBuffer,    // a buffer, where stacks can't be walked
  // Buffers that node makes by itself:
  kLabelHttpBody,
  kLabelHttp2Data,
  kLabelTlsData,
  kLabelCrypto,
  kLabelUdpMessage,
  kLabelWorkerMessage,
  kLabelFileRead,
  kLabelStreamData,
  kLabelInspector,
};

// The name of a function that is not named yet, since V8 can't be called while it is out of memory.
constexpr std::string_view kUnresolved = "(unresolved)";

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
    case kLabelHttpBody:
      return "(http body)";
    case kLabelHttp2Data:
      return "(http2 data)";
    case kLabelTlsData:
      return "(tls data)";
    case kLabelCrypto:
      return "(crypto)";
    case kLabelUdpMessage:
      return "(udp message)";
    case kLabelWorkerMessage:
      return "(worker message)";
    case kLabelFileRead:
      return "(file read)";
    case kLabelStreamData:
      return "(socket or pipe data)";
    case kLabelInspector:
      return "(inspector)";
    default:
      return "(unknown)";
  }
}

// The label is in place of a file name, since it is all that can be shown.
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

#endif  // TRACEMALLOC_CORE_NATIVE_LABELS_H_
