// SPDX-License-Identifier: MIT
#include "v8/names/script_text.h"

#include <algorithm>

#include "v8/names/text_pieces.h"

namespace tracemalloc {

bool NamesFile(std::string_view name) {
  return name.substr(0, 1) == "/" || name.substr(0, 5) == "file:";
}

TextDigest DigestOf(v8::Isolate* isolate, v8::Local<v8::String> source) {
  // The longest path, escaped.
  constexpr int kTail = 3 * 4096;
  uint16_t tail[kTail];
  const int length = source->Length();
  const int count = std::min(length, kTail);
  ReadUnits(isolate, source, length - count, count, tail);
  const size_t naming = NamingComment(tail, static_cast<size_t>(count));
  TextDigester digester;
  ReadPieces(isolate, source, length - static_cast<int>(naming),
             [&](const uint16_t* piece, size_t size) {
               digester.Add(piece, size);
               return true;
             });
  return digester.Finish();
}

void KeptSourceMap::Set(v8::Isolate* isolate, v8::Local<v8::String> url) {
  url_.Reset(isolate, url);
  held_ = static_cast<size_t>(url->Length());
  exists_ = true;
}

void KeptSourceMap::LetGo() {
  if (held_ == 0) return;
  held_ = 0;
  url_.SetWeak();
}

}  // namespace tracemalloc
