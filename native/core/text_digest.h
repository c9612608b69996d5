// SPDX-License-Identifier: MIT
// A digest of a script's text, kept instead of the text: enough to check whether a file holds the
// same lines. Its twin is src/mirror/text-digest.ts; change both or neither. Lines end only with a
// line feed here, although V8 counts other line ends, too.
#ifndef TRACEMALLOC_CORE_TEXT_DIGEST_H_
#define TRACEMALLOC_CORE_TEXT_DIGEST_H_

#include <cstddef>
#include <cstdint>

#include "core/murmur_hash.h"

namespace tracemalloc {

struct TextDigest {
  uint32_t length = 0;  // UTF-16 units
  uint32_t lines = 0;
  // MurmurHash3 of the units, little-endian: of the first line, and of the text after its line
  // feed.
  uint32_t first = 0;
  uint32_t rest = 0;
  // Hash of the text between the first line feed and the last one: loaders wrap a text in a
  // function, whose head is on the first line and whose end is on a line of its own.
  uint32_t body = 0;
  // Hash of the lines' lengths, a 32-bit word each: they remain when types are replaced by blanks.
  uint32_t shape = 0;
};

// Computes the digest of a text that is added from front to back, in pieces of any size.
class TextDigester {
 public:
  void Add(const uint16_t* units, size_t count);
  TextDigest Finish() const;
  // Whether its last line that is not blank begins with two slashes.
  bool EndsWithComment() const { return begins_[0] == '/' && begins_[1] == '/'; }

 private:
  void BeginLine(const uint16_t* units, const uint16_t* end);
  void EndLine();

  uint32_t length_ = 0;
  uint32_t lines_ = 0;  // number that have ended
  uint32_t line_start_ = 0;
  uint32_t first_ = 0;
  // The first two units, blanks apart, of the last line that has any; 0: none.
  uint16_t begins_[2] = {0, 0};
  int begun_ = 0;  // how many of them are of the current line
  Murmur text_;    // of the first line, then of the rest
  Murmur body_;
  Murmur shape_;
};

// The length of the comment at the end of a text that names the script, with the empty line before
// it; 0: none. Node adds it when it strips a file's types. `tail`: the text, or at least that
// comment.
size_t NamingComment(const uint16_t* tail, size_t count);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_TEXT_DIGEST_H_
