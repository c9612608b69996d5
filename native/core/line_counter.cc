// SPDX-License-Identifier: MIT
#include "core/line_counter.h"

namespace tracemalloc {

LineCounter::LineCounter(const std::vector<int32_t>& positions)
    : positions_(positions), places_(positions.size()) {
  while (!done() && positions_[next_] < 0) ++next_;
}

void LineCounter::Add(const uint16_t* text, size_t length) {
  for (size_t i = 0; i < length && !done(); ++i, ++offset_) {
    const uint16_t unit = text[i];
    // A carriage return ends its line only when no line feed follows.
    if (after_carriage_return_ && unit != '\n') EndLine(offset_);
    after_carriage_return_ = unit == '\r';
    if (unit == '\n' || unit == 0x2028 || unit == 0x2029) EndLine(offset_ + 1);
  }
}

const std::vector<SourcePlace>& LineCounter::Finish() {
  if (after_carriage_return_) EndLine(offset_);
  // The position just after the text is valid: the end of a program returns from there.
  for (; !done() && positions_[next_] <= offset_; ++next_) {
    places_[next_] = {line_, positions_[next_] - line_start_};
  }
  next_ = positions_.size();
  return places_;
}

void LineCounter::EndLine(int32_t next_line_start) {
  for (; !done() && positions_[next_] < next_line_start; ++next_) {
    places_[next_] = {line_, positions_[next_] - line_start_};
  }
  ++line_;
  line_start_ = next_line_start;
}

}  // namespace tracemalloc
