// SPDX-License-Identifier: MIT
// Escapes names for display: the twin of src/text/plain-text.ts. Invisible characters (controls,
// bidirectional marks, zero widths, line ends) are escaped, so that no name moves the cursor or
// forges a line of the report.
#ifndef TRACEMALLOC_REPORT_PLAIN_TEXT_H_
#define TRACEMALLOC_REPORT_PLAIN_TEXT_H_

#include <cstdint>
#include <string_view>

#include "report/output.h"

namespace tracemalloc {

// Takes UTF-8 in pieces that may end anywhere; invalid UTF-8 is shown as U+FFFD.
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
  // To be called when a character is incomplete.
  void End();

  const Form form_;
  Output* const out_;
  char32_t character_ = 0;  // from the bytes that have arrived
  int missing_ = 0;         // number of bytes missing
  int size_ = 0;            // number of all bytes
};

void PutPlain(std::string_view text, Output* out);
// As a JSON string, with quotes.
void PutJson(std::string_view text, Output* out);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_REPORT_PLAIN_TEXT_H_
