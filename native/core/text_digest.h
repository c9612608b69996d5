// SPDX-License-Identifier: MIT
// What is remembered of a script's text instead of the text: enough to tell whether a file holds
// the same, line for line. Its twin is src/mirror/text-digest.ts; change both or neither. Lines end
// with a line feed here, whatever V8 counts.
#ifndef TRACEMALLOC_CORE_TEXT_DIGEST_H_
#define TRACEMALLOC_CORE_TEXT_DIGEST_H_

#include <cstddef>
#include <cstdint>

#include "core/murmur_hash.h"

namespace tracemalloc {

struct TextDigest {
  uint32_t length = 0;  // UTF-16 units
  uint32_t lines = 0;
  // MurmurHash3 of the units, little-endian: of the first line, and of what follows its line feed.
  uint32_t first = 0;
  uint32_t rest = 0;
  // Of what follows the first line feed up to the last one: loaders put a function around a text,
  // whose head is on its first line and whose end has a line of its own.
  uint32_t body = 0;
  // Of the lines' lengths, a 32-bit word each: whoever puts blanks in place of types keeps them.
  uint32_t shape = 0;
};

// Takes a text front to back, in any pieces.
class TextDigester {
 public:
  void Add(const uint16_t* units, size_t count);
  TextDigest Finish() const;

 private:
  void EndLine();

  uint32_t length_ = 0;
  uint32_t lines_ = 0;  // that have ended
  uint32_t line_start_ = 0;
  uint32_t first_ = 0;
  Murmur text_;  // of the first line, then of the rest
  Murmur body_;
  Murmur shape_;
};

// How many units at the end of a text are a comment that names the script, after an empty line, as
// Node adds it to a file without whose types it runs. `tail`: the text, or at least its last line.
size_t NamingComment(const uint16_t* tail, size_t count);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_TEXT_DIGEST_H_
