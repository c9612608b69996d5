// SPDX-License-Identifier: MIT
#include "report/frame_text.h"

#include <algorithm>

#include "core/native_labels.h"

namespace tracemalloc {

std::string_view DomainName(Domain domain) { return domain == Domain::kHeap ? "heap" : "buffer"; }

namespace {

// By how far the code is from the user's own; src/traces/frame.ts has the same.
enum class Kind : uint8_t { kOwn, kDependency, kInternal };

bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

bool IsInModules(std::string_view file) {
  constexpr std::string_view kModules = "node_modules/";
  size_t at = file.find(kModules);
  while (at != std::string_view::npos && at > 0 && file[at - 1] != '/') {
    at = file.find(kModules, at + 1);
  }
  return at != std::string_view::npos;
}

Kind KindOf(std::string_view file) {
  if (file[0] == '(' || StartsWith(file, "node:")) return Kind::kInternal;
  const bool has_file = file[0] != '<' && !StartsWith(file, "evalmachine.<") &&
                        !StartsWith(file, "wasm:") && !IsInModules(file);
  return has_file ? Kind::kOwn : Kind::kDependency;
}

// The innermost frame of that kind or a nearer one; else the innermost of the nearest kind.
FrameId InnermostOf(const Tables& tables, const Site& site, Kind kind) {
  const FrameId* frames = tables.sites.frames(site);
  FrameId nearest = frames[0];
  Kind distance = Kind::kInternal;
  for (uint32_t i = 0; i < site.frame_count; i++) {
    const Kind own = KindOf(FileText(tables, tables.frames.at(frames[i])));
    if (own <= kind) return frames[i];
    if (own < distance) nearest = frames[i];
    distance = std::min(distance, own);
  }
  return nearest;
}

}  // namespace

FrameId ChargedFrame(const Tables& tables, const Site& site) {
  return InnermostOf(tables, site, Kind::kOwn);
}

bool IsOwn(const Tables& tables, const Site& site, std::string_view own) {
  if (own.empty() || site.frame_count == 0) return false;
  const FrameTable::Entry& author = tables.frames.at(InnermostOf(tables, site, Kind::kDependency));
  return StartsWith(FileText(tables, author), own);
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
