// SPDX-License-Identifier: MIT
#include "v8/names/source_lines.h"

#include "v8/names/text_pieces.h"

namespace tracemalloc {

std::vector<SourcePlace> FindPlaces(v8::Isolate* isolate, v8::Local<v8::String> source,
                                    const std::vector<int32_t>& positions) {
  LineCounter counter(positions);
  ReadPieces(isolate, source, source->Length(), [&](const uint16_t* piece, size_t count) {
    counter.Add(piece, count);
    return !counter.done();
  });
  return counter.Finish();
}

}  // namespace tracemalloc
