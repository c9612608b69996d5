// SPDX-License-Identifier: MIT
// Lines and columns of positions in a text, counted as V8 counts them.
#ifndef TRACEMALLOC_CORE_LINE_COUNTER_H_
#define TRACEMALLOC_CORE_LINE_COUNTER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tracemalloc {

struct SourcePlace {
  int32_t line = -1;    // 0-based; -1: the position lies outside the text
  int32_t column = -1;  // 0-based, UTF-16 units
};

// Goes through a text once, front to back, in any pieces.
class LineCounter {
 public:
  // `positions` ascending; the results have their order.
  explicit LineCounter(const std::vector<int32_t>& positions);

  void Add(const uint16_t* text, size_t length);
  // After the last piece.
  const std::vector<SourcePlace>& Finish();
  bool done() const { return next_ == positions_.size(); }

 private:
  void EndLine(int32_t next_line_start);

  const std::vector<int32_t>& positions_;
  std::vector<SourcePlace> places_;
  size_t next_ = 0;  // the first position not yet placed
  int32_t offset_ = 0;
  int32_t line_ = 0;
  int32_t line_start_ = 0;
  bool after_carriage_return_ = false;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_LINE_COUNTER_H_
