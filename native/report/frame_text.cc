// SPDX-License-Identifier: MIT
#include "report/frame_text.h"

#include "core/native_labels.h"

namespace tracemalloc {

std::string_view DomainName(Domain domain) { return domain == Domain::kHeap ? "heap" : "buffer"; }

bool IsApplicationFrame(const Tables& tables, const FrameTable::Entry& frame) {
  const std::string_view file = FileText(tables, frame);
  return file[0] != '(' && file.substr(0, 5) != "node:";
}

FrameId AuthorOf(const Tables& tables, const Site& site) {
  const FrameId* frames = tables.sites.frames(site);
  for (uint32_t i = 0; i < site.frame_count; i++) {
    if (IsApplicationFrame(tables, tables.frames.at(frames[i]))) return frames[i];
  }
  return frames[0];
}

bool IsOwn(const Tables& tables, const Site& site, std::string_view own) {
  if (own.empty() || site.frame_count == 0) return false;
  const FrameTable::Entry& author = tables.frames.at(AuthorOf(tables, site));
  return FileText(tables, author).substr(0, own.size()) == own;
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
