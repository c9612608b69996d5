// SPDX-License-Identifier: MIT
// Names as people may see them: the twin of src/text/plain-text.ts. What can't be seen (controls,
// marks of direction, zero widths, ends of lines) becomes an escape, so that no name moves the
// cursor or forges a line of the report.
#ifndef TRACEMALLOC_REPORT_PLAIN_TEXT_H_
#define TRACEMALLOC_REPORT_PLAIN_TEXT_H_

#include <cstdint>
#include <string_view>

#include "report/output.h"

namespace tracemalloc {

// Takes UTF-8 in pieces that may end anywhere; what is none is shown as U+FFFD.
class PlainText {
 public:
  // kJson: a part of a JSON string, without its quotes.
  enum class Form : uint8_t { kText, kJson };

  PlainText(Form form, Output* out) : form_(form), out_(out) {}
  ~PlainText() { End(); }
  PlainText(const PlainText&) = delete;
  PlainText& operator=(const PlainText&) = delete;

  void Put(std::string_view piece);

 private:
  void PutByte(uint8_t byte);
  void PutCharacter(char32_t character);
  // The character that was begun is not there.
  void End();

  const Form form_;
  Output* const out_;
  char32_t character_ = 0;  // as far as its bytes have come
  int missing_ = 0;         // of its bytes
  int size_ = 0;            // all its bytes
};

void PutPlain(std::string_view text, Output* out);
// As a JSON string, quotes included.
void PutJson(std::string_view text, Output* out);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_REPORT_PLAIN_TEXT_H_
