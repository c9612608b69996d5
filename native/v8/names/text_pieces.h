// SPDX-License-Identifier: MIT
// Reads a V8 string in pieces: a copy of a whole bundle would count in the memory that is being
// measured.
#ifndef TRACEMALLOC_V8_NAMES_TEXT_PIECES_H_
#define TRACEMALLOC_V8_NAMES_TEXT_PIECES_H_

#include <v8.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace tracemalloc {

inline void ReadUnits(v8::Isolate* isolate, v8::Local<v8::String> text, int begin, int count,
                      uint16_t* units) {
#if V8_MAJOR_VERSION >= 13
  text->WriteV2(isolate, static_cast<uint32_t>(begin), static_cast<uint32_t>(count), units);
#else
  text->Write(isolate, units, begin, count, v8::String::NO_NULL_TERMINATION);
#endif
}

// Passes the first `length` units to `use(units, count)`, piece by piece, as long as it returns
// true.
template <typename Use>
void ReadPieces(v8::Isolate* isolate, v8::Local<v8::String> text, int length, const Use& use) {
  constexpr int kPiece = 8192;
  uint16_t piece[kPiece];
  for (int begin = 0; begin < length; begin += kPiece) {
    const int count = std::min(kPiece, length - begin);
    ReadUnits(isolate, text, begin, count, piece);
    if (!use(piece, static_cast<size_t>(count))) return;
  }
}

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_NAMES_TEXT_PIECES_H_
