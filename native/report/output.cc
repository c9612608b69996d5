// SPDX-License-Identifier: MIT
#include "report/output.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

namespace tracemalloc {

void Output::Put(std::string_view text) {
  size_ += text.size();
  if (capacity_ == 0) return;
  while (!text.empty()) {
    if (used_ == capacity_) Flush();
    const size_t piece = std::min(text.size(), capacity_ - used_);
    std::memcpy(buffer_ + used_, text.data(), piece);
    used_ += piece;
    text.remove_prefix(piece);
  }
}

bool Output::Flush() {
  if (used_ > 0 && ok_) ok_ = write_(context_, buffer_, used_);
  used_ = 0;
  return ok_;
}

void Output::PutNumber(double number) {
  if (!std::isfinite(number)) return Put("null");
  char text[32];
  for (int digits : {6, 17}) {
    const int length = std::snprintf(text, sizeof(text), "%.*g", digits, number);
    double back = 0;
    if (digits == 17 || (std::sscanf(text, "%lf", &back) == 1 && back == number)) {
      return Put(std::string_view(text, static_cast<size_t>(length)));
    }
  }
}

void Output::PutRounded(double number) {
  if (!std::isfinite(number)) return Put("null");
  char text[320];
  const int length = std::snprintf(text, sizeof(text), "%.0f", number);
  Put(std::string_view(text, static_cast<size_t>(length)));
}

void Output::PutInteger(uint64_t number) {
  char text[24];
  const int length =
      std::snprintf(text, sizeof(text), "%llu", static_cast<unsigned long long>(number));
  Put(std::string_view(text, static_cast<size_t>(length)));
}

}  // namespace tracemalloc
