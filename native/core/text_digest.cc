// SPDX-License-Identifier: MIT
#include "core/text_digest.h"

#include <algorithm>
#include <string_view>

namespace tracemalloc {

void TextDigester::Add(const uint16_t* units, size_t count) {
  const uint16_t* const end = units + count;
  while (units < end) {
    const uint16_t* const feed = std::find(units, end, '\n');
    BeginLine(units, feed);
    text_.AddUnits(units, static_cast<size_t>(feed - units));
    length_ += static_cast<uint32_t>(feed - units);
    if (feed == end) return;
    EndLine();
    // The first line feed belongs to neither part.
    if (lines_ > 1) text_.AddUnits(feed, 1);
    length_++;
    line_start_ = length_;
    units = feed + 1;
  }
}

void TextDigester::BeginLine(const uint16_t* units, const uint16_t* end) {
  for (; units < end && begun_ < 2; units++) {
    if (*units <= ' ') continue;
    if (begun_ == 0) begins_[1] = 0;
    begins_[begun_++] = *units;
  }
}

// At a line feed, which is not counted yet.
void TextDigester::EndLine() {
  shape_.AddWord(length_ - line_start_);
  if (lines_++ == 0) {
    first_ = text_.Finish();
    text_ = Murmur();
  }
  body_ = text_;
  begun_ = 0;
}

TextDigest TextDigester::Finish() const {
  TextDigest digest;
  digest.length = length_;
  digest.lines = lines_ + 1;
  digest.first = lines_ == 0 ? text_.Finish() : first_;
  digest.rest = lines_ == 0 ? Murmur().Finish() : text_.Finish();
  digest.body = body_.Finish();
  Murmur shape = shape_;
  shape.AddWord(length_ - line_start_);
  digest.shape = shape.Finish();
  return digest;
}

size_t NamingComment(const uint16_t* tail, size_t count) {
  constexpr std::string_view kBegin = "\n\n//# sourceURL=";
  size_t feed = count;
  while (feed > 0 && tail[feed - 1] != '\n') feed--;
  if (feed < 2 || count - feed + 2 < kBegin.size()) return 0;
  const uint16_t* const begin = tail + feed - 2;
  const auto is_same = [](char expected, uint16_t unit) { return expected == unit; };
  if (!std::equal(kBegin.begin(), kBegin.end(), begin, is_same)) return 0;
  return static_cast<size_t>(tail + count - begin);
}

}  // namespace tracemalloc
