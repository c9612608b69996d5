// SPDX-License-Identifier: MIT
// How frames are shown when no JavaScript can do it: as src/traces/frame.ts shows them, but for
// source maps.
#ifndef TRACEMALLOC_REPORT_FRAME_TEXT_H_
#define TRACEMALLOC_REPORT_FRAME_TEXT_H_

#include <string_view>

#include "core/tables.h"
#include "report/output.h"

namespace tracemalloc {

std::string_view DomainName(Domain domain);

// Written by the application: neither Node's internals nor labels of ours.
bool IsApplicationFrame(const Tables& tables, const FrameTable::Entry& frame);

// The innermost frame of a site that the application wrote; without one, the innermost.
FrameId AuthorOf(const Tables& tables, const Site& site);

// Whether the tracker allocated here: its files' names begin with `own`. Empty: none is its own.
bool IsOwn(const Tables& tables, const Site& site, std::string_view own);

// The name of the script as V8 tells it, or what stands for one.
std::string_view FileText(const Tables& tables, const FrameTable::Entry& frame);
// Empty: anonymous.
std::string_view FunctionText(const Tables& tables, const FrameTable::Entry& frame);

// Hands a file's name to `put` in pieces, a `file:` URL as the path it stands for.
template <typename PutPiece>
void ForPath(std::string_view file, PutPiece put) {
  constexpr std::string_view kScheme = "file://";
  if (file.substr(0, kScheme.size()) != kScheme) return put(file);
  file.remove_prefix(kScheme.size());
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  size_t begin = 0;
  for (size_t i = 0; i + 2 < file.size(); ++i) {
    if (file[i] != '%' || digit(file[i + 1]) < 0 || digit(file[i + 2]) < 0) continue;
    const char byte = static_cast<char>(digit(file[i + 1]) * 16 + digit(file[i + 2]));
    put(file.substr(begin, i - begin));
    put(std::string_view(&byte, 1));
    begin = i + 3;
    i += 2;
  }
  put(file.substr(begin));
}

}  // namespace tracemalloc

#endif  // TRACEMALLOC_REPORT_FRAME_TEXT_H_
