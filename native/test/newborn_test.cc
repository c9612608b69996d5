// SPDX-License-Identifier: MIT
// Summing newborn samples by site and type.
#include "core/newborn.h"

#include <doctest/doctest.h>

namespace tracemalloc {
namespace {

TEST_CASE("newborns: there is one entry for each site and type, and figures add up") {
  std::vector<Newborn> newborns{{2, 1, 10, 1, 4, 1},
                                {1, 1, 8, 2, 1, 1},
                                {2, 1, 5, 3, 2, 1},
                                {2, 0, 7, 1, 0, 1},
                                {1, 1, 8, 2, 1, 1}};
  SumNewborns(&newborns);
  REQUIRE(newborns.size() == 3);
  CHECK(newborns[0].site == 1);
  CHECK(newborns[0].size == 16);
  CHECK(newborns[0].samples == 2);
  CHECK(newborns[1].type == 0);
  CHECK(newborns[1].size == 7);
  CHECK(newborns[2].size == 15);
  CHECK(newborns[2].count == 4);
  CHECK(newborns[2].variance == 6);
}

TEST_CASE("newborns: there may be none") {
  std::vector<Newborn> newborns;
  SumNewborns(&newborns);
  CHECK(newborns.empty());
}

}  // namespace
}  // namespace tracemalloc
