// SPDX-License-Identifier: MIT
// Lines and columns of positions in a source text, counted as V8 counts them, without making V8
// build (and keep) its own line table.
#ifndef TRACEMALLOC_V8_NAMES_SOURCE_LINES_H_
#define TRACEMALLOC_V8_NAMES_SOURCE_LINES_H_

#include <v8.h>

#include <cstdint>
#include <vector>

#include "core/line_counter.h"

namespace tracemalloc {

std::vector<SourcePlace> FindPlaces(v8::Isolate* isolate, v8::Local<v8::String> source,
                                    const std::vector<int32_t>& positions);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_NAMES_SOURCE_LINES_H_
