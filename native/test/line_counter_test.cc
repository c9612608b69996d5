// SPDX-License-Identifier: MIT
#include "core/line_counter.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace tracemalloc {
namespace {

using Places = std::vector<std::pair<int, int>>;

// The places of these positions, whatever the size of the pieces in which the text comes.
Places PlacesOf(const std::u16string& text, const std::vector<int32_t>& positions) {
  Places first;
  for (size_t piece = 1; piece <= text.size() + 1; piece++) {
    LineCounter counter(positions);
    for (size_t at = 0; at < text.size(); at += piece) {
      const std::u16string part = text.substr(at, piece);
      const std::vector<uint16_t> units(part.begin(), part.end());
      counter.Add(units.data(), units.size());
    }
    Places places;
    for (const SourcePlace& place : counter.Finish()) places.emplace_back(place.line, place.column);
    if (piece == 1) first = places;
    CHECK(places == first);
  }
  return first;
}

}  // namespace

TEST_CASE("lines end with each of JavaScript's line terminators") {
  CHECK(PlacesOf(u"a\nb", {0, 1, 2, 3}) == Places{{0, 0}, {0, 1}, {1, 0}, {1, 1}});
  CHECK(PlacesOf(u"a\rb", {2}) == Places{{1, 0}});
  CHECK(PlacesOf(u"a\r\nb", {2, 3}) == Places{{0, 2}, {1, 0}});
  CHECK(PlacesOf(u"a\u2028b\u2029c", {2, 4}) == Places{{1, 0}, {2, 0}});
  CHECK(PlacesOf(u"a\r", {2}) == Places{{1, 0}});
}

TEST_CASE("a position behind the text has no place") {
  CHECK(PlacesOf(u"ab", {2, 3}) == Places{{0, 2}, {-1, -1}});
}

}  // namespace tracemalloc
