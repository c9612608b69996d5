// SPDX-License-Identifier: MIT
// Digests of texts; test/unit/text-digest.test.ts has the same texts with the same figures.
#include "core/text_digest.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace tracemalloc {
namespace {

std::vector<uint32_t> DigestOf(const std::u16string& text, size_t piece) {
  const std::vector<uint16_t> units(text.begin(), text.end());
  TextDigester digester;
  for (size_t begin = 0; begin < units.size(); begin += piece) {
    digester.Add(units.data() + begin, std::min(piece, units.size() - begin));
  }
  const TextDigest digest = digester.Finish();
  return {digest.length, digest.lines, digest.first, digest.rest, digest.body, digest.shape};
}

size_t NamingCommentOf(const std::u16string& text) {
  const std::vector<uint16_t> units(text.begin(), text.end());
  return NamingComment(units.data(), units.size());
}

TEST_CASE("digests equal those of the JavaScript code, however a text is divided into pieces") {
  for (const size_t piece : {1, 2, 3, 7, 1000}) {
    CHECK(DigestOf(u"", piece) == std::vector<uint32_t>{0, 1, 0x0, 0x0, 0x0, 0x2362f9de});
    CHECK(DigestOf(u"one line", piece) ==
          std::vector<uint32_t>{8, 1, 0xe6fe6d20, 0x0, 0x0, 0x935f44f1});
    CHECK(DigestOf(u"a\n", piece) == std::vector<uint32_t>{2, 2, 0x6f49d11a, 0x0, 0x0, 0x53075d44});
    CHECK(DigestOf(u"let größe;\nconst a = 1;\n\n// 日本 😀\nlast", piece) ==
          std::vector<uint32_t>{38, 5, 0x9a76df13, 0x373868ec, 0x1722f8d6, 0x6d7f2ba});
  }
}

TEST_CASE("a function around a text leaves its digest in the body") {
  const std::u16string text = u"first\nsecond\n third\n";
  const std::vector<uint32_t> wrapped = DigestOf(u"(function () { " + text + u"\n})", 5);
  CHECK(wrapped[4] == DigestOf(text, 5)[3]);
  CHECK(wrapped[2] != DigestOf(text, 5)[2]);
}

TEST_CASE("whether a text ends with a comment, however it is divided") {
  const auto ends = [](const std::u16string& text, size_t piece) {
    const std::vector<uint16_t> units(text.begin(), text.end());
    TextDigester digester;
    for (size_t begin = 0; begin < units.size(); begin += piece) {
      digester.Add(units.data() + begin, std::min(piece, units.size() - begin));
    }
    return digester.EndsWithComment();
  };
  for (const size_t piece : {1, 2, 3, 1000}) {
    for (const char16_t* text :
         {u"//", u"a();\n //# sourceMappingURL=a", u"/ / a\n// b\n\n \t\r\n"}) {
      CHECK(ends(text, piece));
    }
    for (const char16_t* text : {u"", u"/", u"a();\n//# sourceMappingURL=a\n})", u"// a\n/\n",
                                 u"a(); // b", u"a\n/* b */"}) {
      CHECK_FALSE(ends(text, piece));
    }
  }
}

TEST_CASE("a naming comment at the end of a text is found") {
  CHECK(NamingCommentOf(u"a();\n\n//# sourceURL=file:///a.ts") == 28);
  CHECK(NamingCommentOf(u"\n\n//# sourceURL=") == 16);
  for (const char16_t* text : {u"", u"a", u"\n", u"\n\n", u"a();\n//# sourceURL=a.ts",
                               u"a();\n\n//# sourceURL=a.ts\n", u"a();\n\n//# sourceMap=a"}) {
    CHECK(NamingCommentOf(text) == 0);
  }
}

}  // namespace
}  // namespace tracemalloc
