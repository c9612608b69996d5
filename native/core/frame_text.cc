// SPDX-License-Identifier: MIT
#include "core/frame_text.h"

namespace tracemalloc {

bool IsApplicationFrame(const Tables& tables, const FrameTable::Entry& frame) {
  const std::string_view file = FileText(tables, frame);
  return file[0] != '(' && file.substr(0, 5) != "node:";
}

std::string_view FileText(const Tables& tables, const FrameTable::Entry& frame) {
  const std::string_view file = tables.strings.at(frame.resolution.filename);
  if (!file.empty()) return file;
  return (frame.key.flags & kFrameNative) != 0 ? "(native)" : "<unknown>";
}

std::string_view FunctionText(const Tables& tables, const FrameTable::Entry& frame) {
  if (!frame.resolved) return kUnresolved;
  return tables.strings.at(frame.resolution.function_name);
}

}  // namespace tracemalloc
