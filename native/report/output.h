// SPDX-License-Identifier: MIT
// Writes text and bytes through a fixed buffer, for when memory is short: nothing is allocated
// after the construction.
#ifndef TRACEMALLOC_REPORT_OUTPUT_H_
#define TRACEMALLOC_REPORT_OUTPUT_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tracemalloc {

class Output {
 public:
  // Takes all of the bytes, or returns false.
  using Write = bool (*)(void* context, const char* data, size_t size);

  // With a capacity of 0 nothing is written: bytes are only counted.
  Output(char* buffer, size_t capacity, Write write, void* context)
      : buffer_(buffer), capacity_(capacity), write_(write), context_(context) {}
  static Output Counter() { return Output(nullptr, 0, nullptr, nullptr); }

  void Put(std::string_view text);
  void Put(char byte) { Put(std::string_view(&byte, 1)); }
  // Shortest form that reads back as the same number; `null` if it is not finite.
  void PutNumber(double number);
  // Rounded to a whole number.
  void PutRounded(double number);
  void PutInteger(uint64_t number);

  // Everything put so far.
  uint64_t size() const { return size_; }
  // False if anything since the construction could not be written.
  bool Flush();

 private:
  char* buffer_;
  size_t capacity_;
  Write write_;
  void* context_;
  size_t used_ = 0;
  uint64_t size_ = 0;
  bool ok_ = true;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_REPORT_OUTPUT_H_
