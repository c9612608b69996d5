// SPDX-License-Identifier: MIT
// Text of frames where no JavaScript can run: as in src/traces/frame.ts, but without source maps.
#ifndef TRACEMALLOC_REPORT_FRAME_TEXT_H_
#define TRACEMALLOC_REPORT_FRAME_TEXT_H_

#include <string_view>

#include "core/tables.h"
#include "report/output.h"

namespace tracemalloc {

std::string_view DomainName(Domain domain);

// The site's frame that is charged, as `frames: 'own'` (src/traces/charge.ts): the innermost of the
// user's own code; if there is none, the innermost that is not Node's; else the innermost.
FrameId ChargedFrame(const Tables& tables, const Site& site);

// Whether the tracker allocated here: names of its files begin with `own`. Empty: no file is its
// own.
bool IsOwn(const Tables& tables, const Site& site, std::string_view own);

// V8's name of the script, or the text in its place.
std::string_view FileText(const Tables& tables, const FrameTable::Entry& frame);
// Empty: anonymous.
std::string_view FunctionText(const Tables& tables, const FrameTable::Entry& frame);

// Passes a file's name to `put` in pieces, a `file:` URL as its path.
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
